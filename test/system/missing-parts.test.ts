import { beforeAll, expect } from "bun:test";
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { testWith } from "../services/needs.ts";
import { IS_ON_QUESTDB, seriesEnv } from "../services/series-place.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { apiClient } from "./api-client.ts";
import { binary, createToken, foresight, inspect, setUpTenant, startServer } from "./harness.ts";

const test = testWith(binary);
let whole = "";

beforeAll(async () => {
  if (!binary.ok) return;
  whole = join(temporaryFolder("parts"), "data");
  await setUpTenant(whole, "acme");
  const token = await createToken(whole, "acme", "write");
  const server = await startServer({ data: whole });
  const answer = await apiClient(server.url, token).write("readings,asset=P1,sensor=t value=1\n");
  expect(answer.status).toBe(204);
  await inspect(whole);
  expect(await server.stop()).toBe(0);
}, 60_000);

/** The whole folder without some of its parts. */
function without(...parts: string[]): string {
  const data = join(temporaryFolder("parts"), "data");
  cpSync(whole, data, { recursive: true });
  for (const part of parts) rmSync(join(data, part), { recursive: true });
  return data;
}

test("a folder whose database was removed is not begun anew", async () => {
  // The copy of the folder goes with the readings of the whole one.
  const env = await seriesEnv(whole);
  const ran = await foresight(["inspect", "--data", without("postgres"), "--json"], { env });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("is empty although");
  expect(ran.stderr).toContain("put it back from a backup");
  expect(ran.stderr.includes("FORESIGHT_SERIES_URL")).toBe(IS_ON_QUESTDB);
});

test("readings that were removed with the log are missed aloud", async () => {
  const ran = await foresight([
    "inspect",
    "--data",
    without("series", "log", "snapshots"),
    "--json",
  ]);
  expect(ran.stderr).toContain("is empty although");
  expect(JSON.parse(ran.stdout).readings).toBe(0);
});

for (const part of ["series", "snapshots"]) {
  test(`without ${part} the log gives all of it back`, async () => {
    const ran = await foresight(["inspect", "--data", without(part), "--json"]);
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ readings: 1, series: 1, buckets: 1 });
  });
}

test("a mistyped folder does not become an installation", async () => {
  const data = join(temporaryFolder("parts"), "nowhere");
  const ran = await foresight(["inspect", "--data", data, "--json"]);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("there is no installation in");
  expect(existsSync(data)).toBe(false);
});
