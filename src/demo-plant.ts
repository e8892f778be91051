import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Terminal } from "./cli/command.ts";
import type { DemoDevicesOrder, DemoDevicesReport } from "./cli/demo-devices.ts";
import type { Core } from "./core.ts";
import type { DataFolder } from "./data-folder.ts";
import { assetsCsv, assetTypesCsv, maintenanceCsv, sensorsCsv } from "./demo/csv.ts";
import { createPlant, type Plant } from "./demo/plant.ts";
import { prove } from "./demo-proof.ts";
import { setUpDemoRules, setUpDemoTenant, tenantIdOfDemo } from "./demo-setup.ts";
import { systemActor } from "./domain/actor.ts";
import { DEMO_PHASES, type DemoView, type Proof } from "./domain/demo-view.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import type { WebServer } from "./server.ts";

export type Demo = {
  view(): DemoView;
  footLine(tenantId: string): string | undefined;
  stop(): Promise<void>;
};

export type DemoDeps = {
  readonly core: Core;
  readonly folder: DataFolder;
  readonly server: WebServer;
  readonly seed: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly self: readonly string[];
  readonly terminal: Terminal;
};

/** Which plant lives in this folder; fixed at the first start. */
type DemoFile = { readonly seed: number; readonly endUs: number };

const STEP_US = 6 * 3_600_000_000;
const PROOF_SETTING = "demo-proof";
/** Shares of the whole that phases take, for the bar. */
const WEIGHTS = [0.05, 0.35, 0.3, 0.25, 0.05];

/** The demo plant of this folder: made once, and gone on with at every later start. */
export function demoFileOf(folder: DataFolder, seed: number, nowUs: number): DemoFile {
  const path = join(folder.root, "demo.json");
  if (existsSync(path)) {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value === "object" && value !== null) {
      const { seed: kept, endUs } = value as Partial<DemoFile>; // each field is checked here
      if (typeof kept === "number" && typeof endUs === "number") return { seed: kept, endUs };
    }
    throw new AppError("invalid", `${path} is damaged; remove the folder to begin anew`);
  }
  const file = { seed, endUs: Math.floor(nowUs / STEP_US) * STEP_US };
  writeFileSync(path, JSON.stringify(file), { mode: 0o600 });
  return file;
}

/** Starts the demo plant beside the running server; what it is doing is in `view`. */
export function startDemo(deps: DemoDeps): Demo {
  let view: DemoView = {
    tenantId: tenantIdOfDemo,
    phase: DEMO_PHASES[0],
    share: 0,
    failure: undefined,
    proof: undefined,
  };
  let devices: Devices | undefined;
  let isStopped = false;
  const at = (phase: number, share: number) => {
    const before = WEIGHTS.slice(0, phase).reduce((sum, own) => sum + own, 0);
    view = { ...view, phase: DEMO_PHASES[phase], share: before + share * (WEIGHTS[phase] ?? 0) };
  };
  const work = run(deps, {
    at,
    keepDevices: (started) => {
      devices = started;
    },
    proved: (proof) => {
      view = { ...view, proof };
    },
  }).then(
    () => {
      view = { ...view, phase: undefined, share: 1 };
    },
    (error: unknown) => {
      if (isStopped) return;
      view = { ...view, failure: reasonOf(error) };
      deps.logger.error("the demo plant could not be set up", { reason: reasonOf(error) });
    },
  );
  return {
    view: () => view,
    footLine: (tenantId) =>
      tenantId === tenantIdOfDemo ? "Demo plant · seeded faults" : undefined,
    async stop() {
      isStopped = true;
      devices?.stop();
      // How they end does not matter any more: a stop from the keyboard reaches them too.
      await Promise.race([work, devices?.ended.catch(() => {})]);
    },
  };
}

type Steps = {
  readonly at: (phase: number, share: number) => void;
  readonly keepDevices: (devices: Devices) => void;
  readonly proved: (proof: Proof) => void;
};

async function run(deps: DemoDeps, steps: Steps): Promise<void> {
  const { core, terminal, server } = deps;
  const file = demoFileOf(deps.folder, deps.seed, deps.clock.nowUs());
  const plant = createPlant(file.seed, file.endUs);
  const { token } = await setUpDemoTenant(core);
  const link = (await core.operations["sign-in-link"]({ tenant: tenantIdOfDemo })) as {
    path: string; // shape of the operation's result
  };
  terminal.say(`open ${server.url}${link.path} (signs you in once, within 15 minutes)`);
  const who = systemActor(tenantIdOfDemo, "demo");
  const done = await core.relational.settings.get(who, PROOF_SETTING);
  if (done === undefined) {
    await importCsv(core, "asset_types.csv", assetTypesCsv());
    await importCsv(core, "assets.csv", assetsCsv(plant));
    await importCsv(core, "sensors.csv", sensorsCsv(plant));
    await setUpDemoRules(core);
  }
  steps.at(1, 0);
  const devices = startDevices(deps, plant, token, (share) => steps.at(1, share));
  steps.keepDevices(devices);
  await Promise.race([devices.live, devices.ended]);
  if (done !== undefined) {
    steps.proved(done.value as Proof); // written below
    return;
  }
  const drained = await core.engine.drain();
  await core.consumer.reached(drained.logSequence);
  await importCsv(core, "maintenance.csv", maintenanceCsv(plant));
  steps.at(2, 0);
  const proof = await prove(core, plant, tenantIdOfDemo, (share) => steps.at(2, share));
  steps.proved(proof);
  steps.at(3, 0);
  for (const job of ["features", "train"] as const) await mustRun(core, job);
  steps.at(4, 0);
  await mustRun(core, "score");
  await core.relational.settings.set(who, PROOF_SETTING, proof);
  for (const line of proofText(proof)) terminal.say(line);
  terminal.say(`the demo plant is complete; it goes on live at ${server.url}`);
}

async function mustRun(core: Core, job: "features" | "train" | "score"): Promise<void> {
  const result = await core.jobs.runToEnd(tenantIdOfDemo, job, "the demo");
  if (result.failed) throw new AppError("internal", `${job}: ${result.text}`);
}

async function importCsv(core: Core, name: string, text: string): Promise<void> {
  const report = await core.imports.importNow({
    tenantId: tenantIdOfDemo,
    name,
    bytes: [new TextEncoder().encode(text)],
    kind: undefined,
    zone: undefined,
    by: systemActor(tenantIdOfDemo, "demo"),
  });
  const [first] = report.errors;
  if (first !== undefined)
    throw new AppError("internal", `${name}, line ${first.line}: ${first.reason}`);
}

type Devices = {
  /** Resolves when the history is sent and live readings have begun. */
  readonly live: Promise<void>;
  readonly ended: Promise<void>;
  stop(): void;
};

/** The plant's devices as a program of their own, which sends over HTTP like any other. */
function startDevices(
  deps: DemoDeps,
  plant: Plant,
  token: string,
  onShare: (share: number) => void,
): Devices {
  const order: DemoDevicesOrder = {
    url: deps.server.url,
    token,
    seed: plant.seed,
    endUs: plant.endUs,
    fromUs: newestUs(deps.core) ?? plant.startUs,
  };
  const [program = "", ...args] = deps.self;
  const child = Bun.spawn([program, ...args, "demo-devices"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  child.stdin.write(`${JSON.stringify(order)}\n`);
  child.stdin.flush();
  let goLive: () => void = () => {};
  const live = new Promise<void>((resolve) => {
    goLive = resolve;
  });
  const ended = (async () => {
    for await (const line of linesOf(child.stdout)) {
      const report = JSON.parse(line) as DemoDevicesReport; // our own program's
      if (report.phase === "live") goLive();
      else onShare(report.share);
    }
    const code = await child.exited;
    if (code !== 0) throw new AppError("internal", `the demo's devices ended with code ${code}`);
  })();
  return {
    live,
    ended,
    stop() {
      child.stdin.end();
    },
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Newest reading that the server holds of any series. */
function newestUs(core: Core): number | undefined {
  let newest: number | undefined;
  const count = core.engine.state().length / 16;
  for (let no = 1; no < count; no++) {
    const last = core.lastValue(no);
    if (last !== undefined) newest = Math.max(newest ?? 0, last.atUs);
  }
  return newest;
}

/** The proof as a table for the terminal. */
export function proofText(proof: Proof): string[] {
  const rows = proof.lines.map(({ name, score }) => [
    name,
    `${score.found} of ${score.faults}`,
    score.medianNoticeDays === undefined ? "none" : `${score.medianNoticeDays.toFixed(1)} d`,
    String(score.missed),
    score.falseAlarmsPerAssetMonth.toFixed(2),
  ]);
  const table = [["", "found", "notice", "missed", "false alarms per asset-month"], ...rows];
  const widths =
    table[0]?.map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0))) ?? [];
  return [
    `what was found in the last ${proof.heldOutDays} days, which training for this did not see:`,
    ...table.map((row) =>
      `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd(),
    ),
  ];
}
