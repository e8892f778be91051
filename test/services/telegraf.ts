import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Found } from "./needs.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const VERSION = "1.37.2";

/** The release that is tested, with the plugins that the tests use; `fetch-telegraf.ts` builds it. */
export const TELEGRAF = {
  version: VERSION,
  /** Go's checksum of the module; the module's own go.sum has those of all that it needs. */
  sum: "h1:mYr0I/suEw9+UM4KrCFuYuzJuq/e99cINniIwqO6ykw=",
  program: join(import.meta.dir, "..", "..", "build", "services", `telegraf-${VERSION}`),
  plugins: [
    ...["inputs.tail", "outputs.influxdb", "outputs.influxdb_v2"],
    ...["parsers.influx", "serializers.influx"],
  ],
} as const;

/** The program, once it is built. */
export function findTelegraf(): Found<string> {
  return existsSync(TELEGRAF.program)
    ? { ok: true, value: TELEGRAF.program }
    : { ok: false, why: "no Telegraf; node scripts/run.mjs fetch-telegraf builds it" };
}

/** A Telegraf that sends what is given to it. */
export type Telegraf = {
  /** Lines for it to read; they are sent at its next flush. */
  give(lines: readonly string[]): void;
  /** What it said so far. */
  said(): string;
  /** Asks it to stop, and waits until it has: it sends what it holds first. */
  stop(): Promise<void>;
};

/** Its own settings: batches of `batchLines`, sent every half second. */
function agent(batchLines: number, file: string): string {
  return `
[agent]
  interval = "1s"
  flush_interval = "500ms"
  flush_jitter = "0s"
  metric_batch_size = ${batchLines}
  metric_buffer_limit = 100000
  omit_hostname = true
[[inputs.tail]]
  files = ["${file}"]
  initial_read_offset = "beginning"
  watch_method = "poll"
  max_undelivered_lines = 100000
  data_format = "influx"
  path_tag = ""
`;
}

/** Starts it with the output that the text configures. */
export function startTelegraf(
  program: string,
  output: string,
  batchLines: number,
  env: Record<string, string>,
): Telegraf {
  const folder = temporaryFolder("telegraf");
  const file = join(folder, "lines");
  const config = join(folder, "telegraf.conf");
  writeFileSync(file, "");
  writeFileSync(config, `${agent(batchLines, file)}\n${output}`);
  const child = Bun.spawn([program, "--config", config], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) said += decoder.decode(chunk, { stream: true });
  };
  const ended = Promise.all([collect(child.stdout), collect(child.stderr), child.exited]);
  return {
    give: (lines) => appendFileSync(file, lines.map((line) => `${line}\n`).join("")),
    said: () => said,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
