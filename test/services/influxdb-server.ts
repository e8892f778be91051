import { join } from "node:path";
import { freePort } from "./free-port.ts";
import type { Found } from "./needs.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { waitFor } from "./wait.ts";

/** An InfluxDB 1.x of our own, as a reference for its dialect. */
export type InfluxdbServer = {
  readonly url: string;
  /** The answer to a statement, as text: its whole numbers have 64 bits. */
  query(statement: string, database?: string): Promise<string>;
  stop(): Promise<void>;
};

/** The program of Debian's package. */
export function findInfluxdb(): Found<string> {
  const path = Bun.which("influxd");
  return path === null
    ? { ok: false, why: "no InfluxDB; install Debian's package influxdb" }
    : { ok: true, value: path };
}

/** Starts a server with a folder, a configuration and free ports of its own. */
export async function startInfluxdb(program: string): Promise<InfluxdbServer> {
  const folder = temporaryFolder("influxdb");
  const [port, backupPort] = [await freePort(), await freePort()];
  const config = join(folder, "influxdb.conf");
  await Bun.write(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
query-log-enabled = false
wal-fsync-delay = "10ms"
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
`,
  );
  const child = Bun.spawn([program, "-config", config], { stdio: ["ignore", "ignore", "ignore"] });
  const url = `http://127.0.0.1:${port}`;
  await waitFor("InfluxDB", async () => (await fetch(`${url}/ping`)).status === 204);
  return {
    url,
    async query(statement, database = "") {
      const body = new URLSearchParams({ q: statement, db: database, epoch: "ns" });
      const answer = await fetch(`${url}/query`, { method: "POST", body });
      return answer.text();
    },
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
