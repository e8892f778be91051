import { findQuestdb, startQuestdb } from "../services/questdb-server.ts";
import { waitFor } from "../services/wait.ts";
import { type Load, readingsPerLine } from "./lines.ts";
import type { Send } from "./loader.ts";
import { quantile, round } from "./numbers.ts";
import { runLoader } from "./plant.ts";
import { cpuSOf, memoryMbOf } from "./processes.ts";

/** Another database under the same load, by the same loader. */
export type Peer = {
  run(
    load: Load,
    way: Pick<Send, "connections" | "linesPerS">,
  ): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
};

const SETTLE_MS_MAX = 600_000;

/**
 * A QuestDB that answers only after its disk holds the rows (`cairo.commit.mode=sync`), otherwise as it comes.
 * Sustained: until a count sees every row. It computes no windows and no rules.
 * @throws Error when it is not there.
 */
export async function startQuestdbPeer(): Promise<Peer> {
  const found = findQuestdb();
  if (!found.ok) throw new Error(found.why);
  const server = await startQuestdb(found.value, { isPeer: true });
  let before = 0;
  return {
    stop: server.stop,
    async run(load, { connections, linesPerS }) {
      const table = load.shape === "wide" ? "pump" : "readings";
      const pace = linesPerS === undefined ? {} : { linesPerS };
      const cpuBefore = cpuSOf(server.pid());
      const startedAt = performance.now();
      const sent = await runLoader({
        port: server.port,
        path: "/write?precision=n",
        headers: [`Authorization: ${server.authorization}`],
        connections,
        ...pace,
        load,
      });
      const loaderS = (performance.now() - startedAt) / 1000;
      const cpuAtEnd = cpuSOf(server.pid());
      await waitFor(
        "QuestDB to hold every row",
        async () => {
          const [row] = await server.query(`select count() from ${table}`);
          return Number(row?.[0]) >= before + sent.lines || undefined;
        },
        SETTLE_MS_MAX,
      );
      before += sent.lines;
      const settleS = (performance.now() - startedAt) / 1000 - loaderS;
      const readings = sent.lines * readingsPerLine(load);
      return {
        acknowledgedPerS: Math.round(readings / sent.seconds),
        sustainedPerS: Math.round(readings / (sent.seconds + settleS)),
        requestsPerS: Math.round(sent.requests / sent.seconds),
        p50Ms: round(quantile(sent.latenciesMs, 0.5), 1),
        p99Ms: round(quantile(sent.latenciesMs, 0.99), 1),
        coresUsed: round((cpuAtEnd - cpuBefore) / sent.seconds, 2),
        cpuSPerMillion: round(((cpuSOf(server.pid()) - cpuBefore) / readings) * 1e6, 3),
        memoryMb: Math.round(memoryMbOf(server.pid())),
        refused: sent.refused,
      };
    },
  };
}
