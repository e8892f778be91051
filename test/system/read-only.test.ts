import { afterAll, expect } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { need, testWith } from "../services/needs.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { waitFor } from "../services/wait.ts";
import { binary, inspect } from "./harness.ts";
import { startPlant } from "./plant.ts";

const AT = 1_790_000_000_000_000;
const locked = new Set<string>();

/** Makes files and folders unwritable for everybody, the superuser and open files too; or undoes it. */
function lock(paths: readonly string[], isLocked: boolean): boolean {
  const done = Bun.spawnSync(["chattr", isLocked ? "+i" : "-i", ...paths]).success;
  for (const path of paths)
    if (isLocked) locked.add(path);
    else locked.delete(path);
  return done;
}

afterAll(() => void lock([...locked], false));

function mayLock(): boolean {
  if (Bun.which("chattr") === null) return false;
  const path = join(temporaryFolder("lock"), "file");
  writeFileSync(path, "");
  return lock([path], true) && lock([path], false);
}

const chattr = need(mayLock(), "no chattr that may lock a file here (root, ext4 or xfs)");

testWith(binary, chattr)(
  "a log that becomes read-only refuses writes with the reason, serves what it has, and recovers",
  async () => {
    const { server, tenants } = await startPlant(["acme"]);
    const [tenant] = tenants;
    if (tenant === undefined) throw new Error("no tenant");
    const write = (i: number) => tenant.device.write(`pump,asset=P v=${i} ${AT + i}`);
    expect((await write(1)).status).toBe(204);
    const folder = join(server.data, "log");
    const paths = [...readdirSync(folder).map((name) => join(folder, name)), folder];
    expect(lock(paths, true)).toBe(true);
    for (let i = 0; i < 3; i++) {
      const refused = await write(2);
      expect(refused.status).toBe(503);
      expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
      expect(JSON.stringify(refused.body)).toMatch(/cannot write .*(EPERM|EROFS|EACCES)/);
    }
    expect((await tenant.admin.get(`/api/v1/assets/${tenant.id}`)).status).toBe(200);
    expect(lock(paths, false)).toBe(true);
    await waitFor("writes to be taken again", async () => (await write(2)).status === 204);
    expect((await inspect(server.data)).readings).toBe(2);
    expect(await server.stop()).toBe(0);
  },
  120_000,
);
