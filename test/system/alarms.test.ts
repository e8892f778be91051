import { afterAll, beforeAll, expect } from "bun:test";
import { testWith } from "../services/needs.ts";
import { waitFor } from "../services/wait.ts";
import { binary, inspect, type Server, startServer } from "./harness.ts";
import { adoptAll, seriesNoOf, startPlant, type Tenant } from "./plant.ts";

const START_US = 1_790_000_000_000_000;
const SECOND_US = 1_000_000;
let server: Server;
let tenant: Tenant;
let seriesNo = 0;
let sensorId = "";

type Alert = {
  id: string;
  ruleId: string;
  status: string;
  severity: string;
  openedAtUs: number;
  closedAtUs?: number;
  closeReason?: string;
};

beforeAll(async () => {
  if (!binary.ok) return;
  const plant = await startPlant(["acme"]);
  server = plant.server;
  const [first] = plant.tenants;
  if (first === undefined) throw new Error("no tenant");
  tenant = first;
  await send(0, 1);
  seriesNo = await seriesNoOf(tenant, "level");
  await adoptAll(tenant, [seriesNo]);
  const { body } = await tenant.admin.get(`/api/v1/sensors/${tenant.id}`);
  sensorId = body.items[0].id;
}, 120_000);

afterAll(async () => {
  await server?.stop();
});

async function send(second: number, value: number): Promise<void> {
  const at = START_US + second * SECOND_US;
  const answer = await tenant.device.write(`tank,asset=T1 level=${value} ${at}`);
  expect(answer.status).toBe(204);
}

async function makeRule(terms: object): Promise<{ id: string; version: number }> {
  const answer = await tenant.admin.post(`/api/v1/rules/${tenant.id}`, {
    name: "Level",
    severity: "critical",
    op: "above",
    threshold: 100,
    clear: 90,
    holdMs: 5_000,
    scope: { kind: "sensor", sensorId },
    ...terms,
  });
  expect(answer.status).toBe(201);
  return answer.body;
}

async function alertsOf(ruleId: string): Promise<Alert[]> {
  const { body } = await tenant.admin.get(
    `/api/v1/alerts/${tenant.id}?view=all&ruleId=${ruleId}&limit=100`,
  );
  return body.items;
}

const one = (ruleId: string, status: string) =>
  waitFor(`an alert that is ${status}`, async () =>
    (await alertsOf(ruleId)).find((a) => a.status === status),
  );

testWith(binary)(
  "a rule takes effect at once, holds, opens, survives a restart, clears and opens again",
  async () => {
    const rule = await makeRule({});
    await send(10, 150);
    await send(14, 150);
    await send(14.5, 80); // back before the hold time was over
    await send(20, 150);
    await send(25, 150); // the hold is inclusive
    const opened = await one(rule.id, "open");
    expect(opened.openedAtUs).toBe(START_US + 25 * SECOND_US);
    expect(await alertsOf(rule.id)).toHaveLength(1);

    expect(await server.stop()).toBe(0);
    server = await startServer({ data: server.data, port: server.port });
    await send(30, 150); // still: opens nothing twice
    await send(31, 95); // above the clear threshold
    const acknowledged = await tenant.admin.post(
      `/api/v1/alerts/${tenant.id}/${opened.id}/acknowledgement`,
      { comment: "on my way" },
    );
    expect(acknowledged.status).toBe(200);
    expect((await one(rule.id, "acknowledged")).id).toBe(opened.id);
    await send(32, 90);
    const closed = await one(rule.id, "closed");
    expect(closed).toMatchObject({
      id: opened.id,
      closedAtUs: START_US + 32 * SECOND_US,
      closeReason: "cleared",
    });
    await send(40, 101);
    await send(45, 101);
    await one(rule.id, "open");
    expect(await alertsOf(rule.id)).toHaveLength(2);
  },
  120_000,
);

testWith(binary)(
  "an edit closes what it does not hold, and a person's closing lasts until the condition was false",
  async () => {
    const rule = await makeRule({ holdMs: 0, threshold: 200, clear: 200 });
    await send(100, 250);
    const first = await one(rule.id, "open");
    const closing = await tenant.admin.post(`/api/v1/alerts/${tenant.id}/${first.id}/closure`, {});
    expect(closing.status).toBe(200);
    expect(await one(rule.id, "closed")).toMatchObject({ closeReason: "closed by a person" });
    await send(101, 260); // it was never false: stays closed
    await send(102, 100);
    await send(103, 270);
    const second = await one(rule.id, "open");
    expect(second.id).not.toBe(first.id);
    const edited = await tenant.admin.patch(`/api/v1/rules/${tenant.id}/${rule.id}`, {
      threshold: 300,
      clear: 300,
    });
    expect(edited.status).toBe(200);
    await waitFor("the edit to close it", async () =>
      (await alertsOf(rule.id)).some((a) => a.id === second.id && a.closeReason === "rule changed"),
    );
    expect(await alertsOf(rule.id)).toHaveLength(2);
  },
  120_000,
);

testWith(binary)("info is recorded and listed, needs nobody and is not counted", async () => {
  const rule = await makeRule({ severity: "info", holdMs: 0, threshold: 500, clear: 500 });
  await send(200, 600);
  const alert = await one(rule.id, "open");
  const path = `/api/v1/alerts/${tenant.id}`;
  const refused = await tenant.admin.post(`${path}/${alert.id}/acknowledgement`, {});
  expect(refused.status).toBe(409);
  const waiting = await tenant.admin.get(`${path}?view=unacknowledged`);
  expect((waiting.body.items as Alert[]).map((a) => a.id)).not.toContain(alert.id);
});

testWith(binary)(
  "inspect counts the same with the server running, stopped and killed",
  async () => {
    const running = await inspect(server.data);
    expect(running.tenants.acme).toEqual({
      readings: running.readings,
      series: running.series,
      buckets: running.buckets,
      alerts: running.alerts,
    });
    expect(await server.stop()).toBe(0);
    expect(await inspect(server.data)).toMatchObject({ ...running, sequence: expect.any(Number) });
    server = await startServer({ data: server.data, port: server.port });
    await send(300, 1);
    await server.kill();
    const killed = await inspect(server.data);
    expect(killed.readings).toBe(running.readings + 1);
    server = await startServer({ data: server.data, port: server.port });
    expect((await inspect(server.data)).readings).toBe(running.readings + 1);
  },
);
