import { afterAll, beforeAll, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../src/domain/error.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { startConnector } from "../../src/plugin-host/index.ts";
import { conformance, type Runner, rowsOf } from "../../src/plugin-sdk/conformance.ts";

const entry = join(import.meta.dir, "../../test/plugin-run.ts");

/** Runs the plugin as the product does: in a child process, under the host. */
function inChild(path: string): Runner {
  return async (attempt) => {
    const batches: string[][] = [];
    const committed: string[] = [];
    const { deliverAtMost: most = Number.POSITIVE_INFINITY, how } = attempt;
    const connector = startConnector<number>({
      command: [process.execPath, entry],
      name: "conformance",
      plugin: "files",
      config: attempt.config,
      files: { upload: { path, name: "wide.csv" } },
      load: async () => attempt.checkpoint,
      async deliver(batch) {
        batches.push(rowsOf(batch, batch.lines));
        return batches.length;
      },
      async commit(checkpoint, number) {
        if (how === "crash" && number >= most) throw new Error("the host lost its store");
        committed.push(checkpoint);
        if (how === "stop" && number === most) void connector.stop();
      },
      clock: systemClock,
      log: silentLogger,
      limits: { credits: 2, failuresMax: 1 },
    });
    const end = await connector.done;
    if (end.kind === "failed" && end.isRefused) throw new AppError("invalid", end.reason);
    return { batches, committed };
  };
}

const rows = Array.from(
  { length: 40_000 },
  (_, i) => `P${i % 7},${new Date(Date.UTC(2026, 0, 1) + i * 1_000).toISOString()},${i},${i / 8}\n`,
);
const folder = mkdtempSync(join(tmpdir(), "conformance-"));
const path = join(folder, "wide.csv");
beforeAll(() => writeFileSync(path, `asset,time,a,b\n${rows.join("")}`));
afterAll(() => rmSync(folder, { recursive: true }));

const badConfigs = [
  { config: {}, mentions: "file" },
  { config: { file: "upload", zone: "Mars/Base" }, mentions: "zone" },
];
for (const c of conformance({ run: inChild(path), config: { file: "upload" }, badConfigs })) {
  test(`in a child: ${c.name}`, c.run);
}
