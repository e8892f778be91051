import { expect, test } from "bun:test";
import type { EngineStats } from "../domain/engine.ts";
import { NOBODY, type Route } from "../domain/route.ts";
import { metricsText, sharedSystemOf, systemOf, systemRoutes } from "./system.ts";

const REFUSALS = { starting: 1, body: 2, log: 3 };
const stats: EngineStats = {
  ...{ logSequence: 12, storeSequence: 10, relationalSequence: 12, logBytes: 4096 },
  ...{ seriesCount: 3, readingsAccepted: 99, openBuckets: 2, openBucketsByTenant: { 1: 2 } },
  ...{ pendingBytes: 0, snapshotSequence: 8, refusal: undefined },
  consumers: [
    { name: "store", sequence: 10, behindReadings: 40, behindUs: 2_500_000 },
    { name: "relational", sequence: 12, behindReadings: 0, behindUs: 0 },
    { name: "snapshot", sequence: 8, behindReadings: 60, behindUs: 9e6 },
  ],
  damage: [
    {
      ...{ firstSequence: 4, lastSequence: 5, fromByte: 0, toByte: 9, readings: 7, foundAtUs: 1 },
      ...{ file: "/srv/log/1.log", copy: "/srv/log/damaged/4-5.bin" },
    },
  ],
};

test("metrics name each follower, and every line is a comment or a sample", () => {
  const text = metricsText(stats, REFUSALS);
  expect(text).toContain('foresight_write_refusals_total{reason="body"} 2\n');
  expect(text).toContain('foresight_write_refusals_total{reason="log"} 3\n');
  expect(text).toContain("foresight_log_sequence 12\n");
  expect(text).toContain('foresight_consumer_behind_readings{consumer="store"} 40\n');
  expect(text).toContain('foresight_consumer_behind_seconds{consumer="store"} 2.5\n');
  expect(text).toContain("foresight_log_damaged_parts 1\n");
  expect(text).toContain("foresight_log_refusing 0\n");
  const full = metricsText({ ...stats, refusal: "full" }, REFUSALS);
  expect(full).toContain("foresight_log_refusing 1\n");
  for (const line of text.trimEnd().split("\n"))
    expect(line).toMatch(/^(# (HELP|TYPE) foresight_\w+ .+|foresight_\w+(\{\w+="\w+"\})? [\d.]+)$/);
});

test("administrators see positions and damage, but no file of the machine", () => {
  expect(systemOf(stats, [])).toMatchObject({
    log: { sequence: 12, sizeBytes: 4096 },
    consumers: stats.consumers,
    damage: [{ firstSequence: 4, lastSequence: 5, readings: 7 }],
  });
  expect(JSON.stringify(systemOf(stats, []))).not.toContain("/srv");
});

test("where several tenants live, no figure to which others add is shown", () => {
  const text = JSON.stringify(sharedSystemOf({ ...stats, refusal: "9 bytes are free" }));
  expect(JSON.parse(text).consumers[0]).toEqual({ name: "store", behindUs: 2_500_000 });
  expect(text).toContain("writes are refused");
  for (const figure of ["4096", "sequence", "behindReadings", "damage", "9 bytes"])
    expect(text).not.toContain(figure);
});

function ask(route: Route | undefined, token: string | undefined): Promise<Response> | undefined {
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  const request = new Request("http://localhost/metrics", { headers });
  const rest = { params: {}, query: {}, body: undefined, caller: NOBODY, csrf: "", isPart: false };
  const more = { version: undefined, idempotencyKey: undefined, url: new URL(request.url) };
  return Promise.resolve(route?.handle({ request, ...rest, ...more }) as Promise<Response>);
}

test("metrics are for who shows the token", async () => {
  const routes = systemRoutes({
    stats: async () => stats,
    listeners: () => [],
    isShared: async () => false,
    refusals: REFUSALS,
    knowsMetricsToken: (token) => token === "secret",
  });
  const metrics = routes.find(({ path }) => path === "/metrics");
  const answer = await ask(metrics, "secret");
  expect(answer?.headers.get("content-type")).toContain("version=0.0.4");
  expect(await answer?.text()).toBe(metricsText(stats, REFUSALS));
  for (const token of [undefined, "", "other"])
    await expect(ask(metrics, token)).rejects.toMatchObject({ code: "unauthorized" });
});
