import { afterAll, expect } from "bun:test";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Found, testWith } from "../services/needs.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { waitFor } from "../services/wait.ts";
import { binary, inspect, startServer } from "../system/harness.ts";
import { startPlant } from "../system/plant.ts";

const START_US = 1_790_000_000_000_000;
const MIB = 1024 * 1024;
const mounts: string[] = [];

afterAll(() => {
  for (const path of mounts) Bun.spawnSync(["umount", "-l", path]);
});

/** A small disk of our own, if one may be mounted here. */
function smallDisk(sizeMib: number): Found<string> {
  const path = join(temporaryFolder("disk"), "disk");
  mkdirSync(path);
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${sizeMib}m`, "tmpfs", path]);
  if (!mounted.success)
    return { ok: false, why: `no small disk may be mounted: ${mounted.stderr.toString().trim()}` };
  mounts.push(path);
  return { ok: true, value: path };
}

const disk = binary.ok ? smallDisk(900) : binary;

/** Takes all of the disk but `leftMib`; returns what frees it again. */
function fill(folder: string, leftMib: number): () => void {
  const path = join(folder, "filler");
  const { bavail, bsize } = statfsSync(folder);
  let left = bavail * bsize - leftMib * MIB;
  for (let part = 0; left > 0; part++) {
    const size = Math.min(left, 16 * MIB);
    try {
      writeFileSync(`${path}.${part}`, new Uint8Array(size));
    } catch (error) {
      if (leftMib > 0) throw error;
      break; // the server took the rest in the meantime
    }
    left -= size;
  }
  return () => {
    for (let part = 0; part < 200; part++) rmSync(`${path}.${part}`, { force: true });
  };
}

testWith(binary, disk)(
  "a disk that fills refuses writes before and when it is full, and loses nothing",
  async () => {
    if (!disk.ok) return;
    const folder = disk.value;
    const data = join(folder, "data");
    const env = { FORESIGHT_DISK_FLOOR_BYTES: String(64 * MIB) };
    const { server, tenants } = await startPlant(["acme"], { data, env });
    const [tenant] = tenants;
    if (tenant === undefined) throw new Error("no tenant");
    let acknowledged = 0;
    const write = async () => {
      const at = START_US + acknowledged * 1_000_000;
      const answer = await tenant.device.write(`pump,asset=P v=${acknowledged} ${at}`);
      if (answer.status === 204) acknowledged++;
      return answer;
    };
    expect((await write()).status).toBe(204);

    // Below the floor: refused in time, with a reason, and other things go on.
    let free = fill(folder, 40);
    const refused = await waitFor("a refusal", async () => {
      const answer = await write();
      return answer.status !== 204 && answer;
    });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(JSON.stringify(refused.body)).toMatch(/disk|space/i);
    expect((await tenant.admin.get(`/api/v1/assets/${tenant.id}`)).status).toBe(200);
    free();
    await waitFor("writes to be taken again", async () => (await write()).status === 204);
    expect(await server.stop()).toBe(0);

    // Nothing left at all: what was acknowledged is there when there is room again.
    const bare = await startServer({
      data,
      port: server.port,
      env: { FORESIGHT_DISK_FLOOR_BYTES: "0" },
    });
    free = fill(folder, 0);
    const big = Array.from(
      { length: 20_000 },
      (_, i) => `pump,asset=P big=${i} ${START_US + i * 1_000}`,
    ).join("\n");
    let bigBatches = 0;
    for (let i = 0; i < 20; i++) {
      const answer = await tenant.device
        .write(big.replaceAll("big=", `big${i}=`))
        .catch(() => undefined);
      if (answer?.status === 204) bigBatches++;
      else if (answer !== undefined) expect(answer.status).toBe(503);
    }
    free();
    if (bare.output().includes("panic")) throw new Error(bare.output());
    await bare.kill().catch(() => undefined); // it may have ended by itself
    const again = await startServer({ data, port: server.port, env });
    await waitFor("writes to be taken again", async () => (await write()).status === 204);
    const counts = await inspect(data);
    // A batch that was in the log but never acknowledged may be there: whole, and once.
    const extra = counts.readings - acknowledged - bigBatches * 20_000;
    expect(extra).toBeGreaterThanOrEqual(0);
    expect(extra % 20_000).toBe(0);
    expect(await again.stop()).toBe(0);
  },
  300_000,
);
