import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import type { Found } from "./needs.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { waitFor } from "./wait.ts";

const VERSION = "9.3.4";

/** The release that is tested; `fetch-questdb.ts` brings it. */
export const QUESTDB = {
  version: VERSION,
  sha256: "939bc53ab22f93dbaa6545143a6e7c536d4904c07b7f2d381e8eef10436be062",
  jar: join(import.meta.dir, "..", "..", "build", "services", `questdb-${VERSION}.jar`),
} as const;

/** A QuestDB of our own. */
export type QuestdbServer = {
  readonly url: string;
  readonly port: number;
  readonly pgPort: number;
  pid(): number;
  /** Value of an Authorization header. */
  readonly authorization: string;
  /** As FORESIGHT_SERIES_URL takes it. */
  readonly seriesUrl: string;
  /** Rows of a statement. @throws Error with what QuestDB says. */
  query(statement: string): Promise<unknown[][]>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts it again on the same data and ports. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

/** Java and the fetched file. */
export function findQuestdb(): Found<string> {
  const java = Bun.which("java");
  if (java === null) return { ok: false, why: "no java, which QuestDB needs" };
  return existsSync(QUESTDB.jar)
    ? { ok: true, value: java }
    : { ok: false, why: "no QuestDB; node scripts/run.mjs fetch-questdb brings it" };
}

export type QuestdbOptions = {
  /** "nosync" answers before the disk has it. */
  readonly commitMode?: "sync" | "nosync";
  /** As QuestDB comes, for a bench: compiled in full, with its own page sizes and workers. */
  readonly isPeer?: boolean;
};

const START_MS_MAX = 120_000;
/** Files grow in small steps: tests make many small tables. */
const SMALL = `shared.worker.count=1
cairo.writer.data.append.page.size=64K
cairo.wal.writer.data.append.page.size=64K
cairo.system.writer.data.append.page.size=64K
cairo.o3.column.memory.size=64K
`;

/**
 * Starts a server with a folder and free ports of its own; nothing listens on the default ports.
 */
export async function startQuestdb(
  java: string,
  { commitMode = "sync", isPeer = false }: QuestdbOptions = {},
): Promise<QuestdbServer> {
  const root = temporaryFolder("questdb");
  const [port, pgPort] = [await freePort(), await freePort()];
  mkdirSync(join(root, "conf"));
  const sizes = isPeer ? "" : SMALL;
  await Bun.write(join(root, "conf", "server.conf"), configOf(port, pgPort, commitMode) + sizes);
  const machine = isPeer ? ["-Xmx4g"] : ["-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const log = Bun.file(join(root, "out.log"));
  const launch = () =>
    Bun.spawn(
      [
        java,
        ...machine,
        ...["-p", QUESTDB.jar, "-m", "io.questdb/io.questdb.ServerMain", "-d", root],
      ],
      { stdio: ["ignore", log, log] },
    );
  let child = launch();
  const url = `http://127.0.0.1:${port}`;
  const authorization = `Basic ${btoa("foresight:secret")}`;
  const query = async (statement: string) => {
    const parameters = new URLSearchParams({ query: statement });
    const answer = await fetch(`${url}/exec?${parameters}`, { headers: { authorization } });
    const body = (await answer.json()) as { error?: string; dataset?: unknown[][] };
    if (body.error !== undefined) throw new Error(`${body.error}: ${statement}`);
    return body.dataset ?? [];
  };
  const ready = () =>
    waitFor(
      "QuestDB",
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended: ${await log.text()}`);
        return (await query("select 1")).length === 1;
      },
      START_MS_MAX,
    );
  await ready();
  const kill = async () => {
    child.kill("SIGKILL");
    await child.exited;
  };
  return {
    ...{ url, port, pgPort, authorization, query, kill },
    pid: () => child.pid,
    async stop() {
      await kill();
      // Columns take whole pages of the disk.
      rmSync(root, { recursive: true, force: true });
    },
    seriesUrl: `questdb://foresight:secret@127.0.0.1:${port}?pg=${pgPort}`,
    async start() {
      child = launch();
      await ready();
    },
  };
}

function configOf(port: number, pgPort: number, commitMode: string): string {
  return `http.net.bind.to=127.0.0.1:${port}
http.min.enabled=false
pg.net.bind.to=127.0.0.1:${pgPort}
line.tcp.enabled=false
telemetry.enabled=false
cairo.commit.mode=${commitMode}
http.user=foresight
http.password=secret
pg.user=foresight
pg.password=secret
`;
}
