import { join } from "node:path";
import { readConfig } from "../../src/config.ts";
import { type Core, openCore } from "../../src/core.ts";
import { openDataFolder } from "../../src/data-folder.ts";
import { systemActor } from "../../src/domain/actor.ts";
import type { ImportReport } from "../../src/domain/import.ts";
import type { ModelCard } from "../../src/domain/model.ts";
import type { OperationName } from "../../src/domain/operation.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import type { Fleet } from "./fleet.ts";
import {
  assetsCsv,
  assetTypesCsv,
  type CsvFile,
  failedAtUs,
  failuresCsv,
  readingsCsv,
  STEP_US,
} from "./fleet-csv.ts";
import type { Answer } from "./score.ts";

const TENANT = "quality";

/** Times what a part of the run takes, in seconds. */
export type Phases = Record<string, number>;

async function timed<T>(phases: Phases, name: string, work: () => Promise<T>): Promise<T> {
  const startedNs = Bun.nanoseconds();
  const result = await work();
  phases[name] = Math.round((Bun.nanoseconds() - startedNs) / 1e7) / 100;
  return result;
}

/**
 * Sends a fleet through the product's own entry points, on a folder of its own: what the commands setup,
 * import, train and score do. The test machines come in after training, which cannot see them so.
 */
export async function runProduct(fleet: Fleet) {
  const root = temporaryFolder("quality");
  const folder = openDataFolder(join(root, "data"));
  const phases: Phases = {};
  const core = await timed(phases, "open", () =>
    openCore({
      config: readConfig({}),
      clock: systemClock,
      logger: silentLogger,
      self: [process.execPath, join(import.meta.dir, "..", "..", "src", "main.ts")],
      folder,
      onStep: () => {},
      onFailure: (message) => process.stderr.write(`${message}\n`),
    }),
  );
  try {
    return await throughCore(core, root, fleet, phases);
  } finally {
    await core.close();
    folder.release();
  }
}

async function throughCore(core: Core, root: string, fleet: Fleet, phases: Phases) {
  const operate = (name: OperationName, args: Record<string, string> = {}) =>
    core.operations[name]({ tenant: TENANT, ...args });
  const bringIn = async (files: readonly CsvFile[]) => {
    for (const { name, text } of files) {
      const path = join(root, name);
      await Bun.write(path, text);
      const report = (await operate("import", { path })) as ImportReport; // shape of its result
      if (report.errorCount > 0) throw new Error(`${name}: ${JSON.stringify(report.errors[0])}`);
    }
  };
  await operate("setup", {
    ...{ name: "Quality", email: "q@quality.example", password: crypto.randomUUID() },
  });
  // The newest step ends at the last full hour, since assets that are silent are not predicted.
  const endUs = Math.floor(systemClock.nowUs() / STEP_US) * STEP_US;
  const failedUs = failedAtUs(endUs);
  await timed(phases, "import train", () =>
    bringIn([
      assetTypesCsv(fleet),
      ...assetsCsv(fleet.train, failedUs),
      readingsCsv(fleet.train, failedUs),
      failuresCsv(fleet.train, failedUs),
    ]),
  );
  await timed(phases, "train", async () => mustSucceed(await operate("train")));
  await timed(phases, "import test", () =>
    bringIn([...assetsCsv(fleet.test, endUs), readingsCsv(fleet.test, endUs)]),
  );
  await timed(phases, "score", async () => mustSucceed(await operate("score")));
  const runs = await core.relational.jobRuns.list(systemActor(TENANT, "quality"), { limit: 10 });
  const jobs = [...runs].reverse().map(({ job, startedAtUs, finishedAtUs = startedAtUs }) => ({
    job,
    seconds: Math.round((finishedAtUs - startedAtUs) / 1e4) / 100,
  }));
  return { ...(await readBack(core, fleet)), phases, jobs };
}

function mustSucceed(result: unknown): void {
  const { failed, lines } = result as { failed: boolean; lines: string[] }; // shape of a job's result
  if (failed) throw new Error(lines.join("; "));
}

async function readBack(core: Core, fleet: Fleet) {
  const who = systemActor(TENANT, "quality");
  const keyOf = new Map((await core.relational.assets.all(who)).map(({ id, key }) => [id, key]));
  const latest = await core.relational.predictions.latest(who);
  const byKey = new Map(latest.map((one) => [keyOf.get(one.assetId), one]));
  const answers = fleet.test.map(({ key }): Answer => {
    const { remaining, remainingLow, remainingHigh, fallback } = byKey.get(key) ?? {};
    if (fallback !== false || remaining === undefined)
      throw new Error(`${key} has no prediction by a model`);
    return { remaining, low: remainingLow ?? Number.NaN, high: remainingHigh ?? Number.NaN };
  });
  const models = await core.relational.models.list(who);
  const [champion] = models.filter((row) => row.stage === "champion");
  if (champion === undefined) throw new Error("no champion");
  const { card } = champion.metrics as { card: ModelCard }; // written by the training job
  return { answers, card, hash: champion.hash };
}
