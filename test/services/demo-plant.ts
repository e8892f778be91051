import { cpSync, existsSync, globSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { BINARY, type Server, startServer } from "../system/harness.ts";
import { copySeries, IS_ON_QUESTDB } from "./series-place.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { waitFor } from "./wait.ts";

/** A running demo plant, complete: history, models, predictions. */
export type DemoPlant = {
  readonly server: Server;
  readonly tenantId: string;
  /** The one-time link that it printed. */
  readonly signInLink: string;
};

const KEPT = join(import.meta.dir, "..", "..", "build", "demo-plant");
export const DEMO_TENANT = "demo";
/** Some minutes when the machine has other things to do. */
const MADE_MS_MAX = 570_000;

/** One finished data folder per binary, kept below build/, since making it takes a minute or two. */
function keptFolder(): string {
  const { mtimeMs, size } = statSync(BINARY);
  return `${KEPT}-${Math.round(mtimeMs)}-${size}`;
}

async function makeDemo(data: string): Promise<Server> {
  const server = await startServer({ data, command: "demo" });
  const said = () => server.output().includes("the demo plant is complete");
  await waitFor("the demo plant to be complete", said, MADE_MS_MAX, 500);
  return server;
}

async function makeKeptFolder(path: string): Promise<void> {
  const data = join(temporaryFolder("demo"), "data");
  await (await makeDemo(data)).stop();
  // Those of earlier binaries are of no use any more, and large.
  for (const old of globSync(`${KEPT}-*`)) rmSync(old, { recursive: true, force: true });
  cpSync(data, `${path}.new`, { recursive: true });
  renameSync(`${path}.new`, path);
}

const finished = new Map<"on QuestDB", Promise<string>>();

/** One finished data folder for each run of tests: its tables go with their QuestDB. */
function finishedOnQuestdb(): Promise<string> {
  const make = async () => {
    const data = join(temporaryFolder("demo"), "data");
    await (await makeDemo(data)).stop();
    return data;
  };
  const known = finished.get("on QuestDB") ?? make();
  finished.set("on QuestDB", known);
  return known;
}

async function startCopyOnQuestdb(data: string): Promise<Server> {
  const whole = await finishedOnQuestdb();
  cpSync(whole, data, { recursive: true });
  await copySeries(whole, data);
  return startServer({ data, command: "demo" });
}

async function startCopy(data: string): Promise<Server> {
  const kept = keptFolder();
  if (!existsSync(kept)) await makeKeptFolder(kept);
  cpSync(kept, data, { recursive: true });
  return startServer({ data, command: "demo" });
}

/** Starts the demo plant on a copy of a finished one. */
export async function startDemoPlant(): Promise<DemoPlant> {
  const data = join(temporaryFolder("demo"), "data");
  const server = await (IS_ON_QUESTDB ? startCopyOnQuestdb(data) : startCopy(data));
  const signInLink = await waitFor(
    "the sign-in link",
    () => /https?:\/\/\S+\/sign-in\/link\?token=\S+/.exec(server.output())?.[0],
  );
  return { server, tenantId: DEMO_TENANT, signInLink };
}
