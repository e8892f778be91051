import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { type Found, need } from "./needs.ts";
import { waitFor } from "./wait.ts";

/** Debian's Prometheus and its tool. */
export const prometheus: Found<true> = need(
  existsSync("/usr/bin/prometheus") && existsSync("/usr/bin/promtool"),
  "no Prometheus; apt-get install prometheus",
);

/** One reading of a series with labels, at a time in ms. */
export type Sample = {
  readonly labels: Readonly<Record<string, string>>;
  readonly atMs: number;
  readonly value: number;
};

function lineOf({ labels, atMs, value }: Sample): string {
  const { __name__: name = "", ...rest } = labels;
  const inner = Object.entries(rest).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  return `${name}{${inner.join(",")}} ${value} ${atMs / 1000}`;
}

async function run(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")}: exit ${code}\n${out}\n${err}`);
  return out;
}

/** Runs promtool to its end and returns what it printed. */
export function promtool(...args: string[]): Promise<string> {
  return run(["/usr/bin/promtool", ...args]);
}

/** A real Prometheus over these samples, which lie in its blocks; samples of a series in order of time. */
export async function startPrometheus(folder: string, samples: readonly Sample[]) {
  mkdirSync(folder, { recursive: true });
  const [file, data, config] = ["samples", "data", "config.yml"].map((name) => join(folder, name));
  if (file === undefined || data === undefined || config === undefined) throw new Error("no paths");
  writeFileSync(file, `${samples.map(lineOf).join("\n")}\n# EOF\n`);
  writeFileSync(config, "global: {}\n");
  await promtool("tsdb", "create-blocks-from", "openmetrics", file, data);
  const port = await freePort();
  const child = Bun.spawn(
    [
      "/usr/bin/prometheus",
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      "--storage.tsdb.retention.time=100y",
      `--web.listen-address=127.0.0.1:${port}`,
      "--enable-feature=promql-at-modifier,promql-negative-offset",
    ],
    { stdio: ["ignore", "ignore", "ignore"] },
  );
  const url = `http://127.0.0.1:${port}`;
  await waitFor("Prometheus", async () => {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    return answer?.status === 200 || undefined;
  });
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}
