import { expect } from "bun:test";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { testWith } from "../services/needs.ts";
import { findPostgres, startPostgres } from "../services/postgres-server.ts";
import { waitFor } from "../services/wait.ts";
import { binary, inspect } from "../system/harness.ts";
import { readingsOf, seriesNoOf, startPlant, type Tenant } from "../system/plant.ts";

const START_US = 1_790_000_000_000_000;
const ROWS = 200;
const postgres = findPostgres();

function lines(field: string): string {
  return Array.from(
    { length: ROWS },
    (_, i) => `pump,asset=P ${field}=${i} ${START_US + i * 1_000_000}`,
  ).join("\n");
}

async function expectAll(tenant: Tenant, field: string): Promise<void> {
  const found = await waitFor(`readings of ${field}`, async () => {
    const no = await seriesNoOf(tenant, field);
    const readings = await readingsOf(tenant, no, START_US, START_US + 3_600_000_000);
    return readings.length >= ROWS && readings;
  });
  expect(found).toEqual(Array.from({ length: ROWS }, (_, i) => [START_US + i * 1_000_000, i]));
}

testWith(binary, postgres)(
  "a PostgreSQL server that dies delays reads, and stops no write",
  async () => {
    if (!postgres.ok) return;
    const database = await startPostgres(postgres.value);
    const { server, tenants } = await startPlant(["acme"], {
      env: { FORESIGHT_DATABASE_URL: database.url },
    });
    const [tenant] = tenants;
    if (tenant === undefined) throw new Error("no tenant");
    expect((await tenant.device.write(lines("before"))).status).toBe(204);
    await expectAll(tenant, "before");

    await database.kill();
    // The key was checked a moment ago, so what is acknowledged needs no database.
    expect((await tenant.device.write(lines("during"))).status).toBe(204);
    const read = await tenant.admin.get(`/api/v1/assets/${tenant.id}`);
    expect(read.status).toBe(503);
    expect(read.headers.get("retry-after")).toMatch(/^\d+$/);

    await database.start();
    await expectAll(tenant, "during");
    expect((await tenant.device.write(lines("after"))).status).toBe(204);
    await expectAll(tenant, "after");
    expect(await server.stop()).toBe(0);
    await database.stop();
  },
  180_000,
);

/** Process ids of the PostgreSQL that a server carries, from its own file. */
function embeddedPid(data: string): number {
  const [path] = globSync(join(data, "**/postmaster.pid"));
  return path === undefined ? 0 : Number(readFileSync(path, "utf8").split("\n")[0]);
}

testWith(binary)(
  "the PostgreSQL in the binary is started again when it dies",
  async () => {
    const { server, tenants } = await startPlant(["acme"]);
    const [tenant] = tenants;
    if (tenant === undefined) throw new Error("no tenant");
    expect((await tenant.device.write(lines("before"))).status).toBe(204);
    await expectAll(tenant, "before");
    const victims = Bun.spawnSync(["pgrep", "-f", `postgres.*-D ${server.data}`])
      .stdout.toString()
      .trim()
      .split("\n")
      .map(Number)
      .filter((pid) => pid > 0);
    expect(victims.length).toBeGreaterThan(0);
    const before = embeddedPid(server.data);
    for (const pid of victims) process.kill(pid, "SIGKILL");

    expect((await tenant.device.write(lines("during"))).status).toBe(204);
    await waitFor("another PostgreSQL", () => {
      const now = embeddedPid(server.data);
      return now > 0 && now !== before;
    }).catch(() => undefined); // inside a namespace ids may repeat; what counts is below
    await expectAll(tenant, "during");
    expect((await tenant.device.write(lines("after"))).status).toBe(204);
    await expectAll(tenant, "after");
    expect(await inspect(server.data)).toMatchObject({ readings: 3 * ROWS, series: 3 });
    expect(await server.stop()).toBe(0);
  },
  180_000,
);

testWith(binary)(
  "nothing of ours is left when the server is killed",
  async () => {
    const { server } = await startPlant(["acme"]);
    await server.kill();
    await waitFor("no process on the folder", () => {
      const left = Bun.spawnSync(["pgrep", "-f", server.data]).stdout.toString().trim();
      return left === "";
    });
  },
  120_000,
);
