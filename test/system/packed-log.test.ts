import { expect } from "bun:test";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { testWith } from "../services/needs.ts";
import { waitFor } from "../services/wait.ts";
import { binary, foresightOk, inspect, startServer } from "./harness.ts";
import { startPlant } from "./plant.ts";

const AT = 1_790_000_000_000_000;
const FIELDS = Array.from({ length: 40 }, (_, i) => `f${i}`);
const LINES = 6_000;
const MIB = 1024 * 1024;

/** Lines of one asset, 40 fields each, a second apart. */
function batch(no: number): string {
  return Array.from({ length: LINES }, (_, i) => {
    const at = AT + (no * LINES + i) * 1_000_000;
    return `p,asset=A ${FIELDS.map((name, f) => `${name}=${(i + f) % 97}`).join(",")} ${at}`;
  }).join("\n");
}

testWith(binary)(
  "closed segments are packed beside the live path, and an empty store is filled from them",
  async () => {
    // Segments of 16 MiB: an eighth of the bound.
    const env = { FORESIGHT_LOG_MAX_BYTES: String(128 * MIB) };
    const { server, tenants } = await startPlant(["acme"], { env });
    const folder = join(server.data, "log");
    const packed = () => readdirSync(folder).filter((name) => name.endsWith(".zst"));
    let batches = 0;
    // Two segments are closed then; the older one is packed.
    for (; batches * LINES * FIELDS.length * 16 < 36 * MIB; batches++)
      expect((await tenants[0]?.device.write(batch(batches)))?.status).toBe(204);
    await waitFor("a packed segment", async () => packed().length > 0 || undefined, 60_000);
    await waitFor(
      "the plain one to be removed",
      async () => readdirSync(folder).every((name) => !name.endsWith(".new")) || undefined,
    );
    const before = await inspect(server.data);
    expect(before.readings).toBe(batches * LINES * FIELDS.length);
    // The kill comes at whatever moment of packing it does.
    await server.kill();
    const verified = await foresightOk(["log", "verify", "--data", server.data]);
    expect(verified.stdout).toContain(`${before.readings} readings`);
    const { segments } = JSON.parse(
      (await foresightOk(["log", "list", "--data", server.data, "--json"])).stdout,
    );
    const [first] = segments;
    expect(first).toMatchObject({ form: "packed", firstSequence: 1 });
    expect(first.fileBytes).toBeLessThan(first.plainBytes / 5);

    rmSync(join(server.data, "series"), { recursive: true });
    const again = await startServer({ data: server.data, env });
    const after = await inspect(server.data);
    expect(after).toEqual({ ...before, sequence: after.sequence });
    expect(await again.stop()).toBe(0);
  },
  240_000,
);
