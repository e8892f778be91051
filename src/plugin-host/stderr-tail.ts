import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";

const LINE_CHARS = 2_000;
const LINES_KEPT = 5;
const MINUTE_US = 60_000_000;

/**
 * What a child prints and logs, in bounds: so many lines a minute go to the log, the rest is counted;
 * the last few are kept to say why it ended.
 */
export function createStderrTail(
  deps: { readonly clock: Clock; readonly log: Logger; readonly name: string },
  linesPerMinute: number,
) {
  let minuteUs = deps.clock.nowUs();
  let lines = 0;
  let dropped = 0;
  const kept: string[] = [];
  const log = (level: "info" | "warn" | "error", message: string) => {
    const nowUs = deps.clock.nowUs();
    if (nowUs - minuteUs >= MINUTE_US) {
      if (dropped > 0) deps.log.warn(`${deps.name}: logged too much`, { dropped });
      minuteUs = nowUs;
      lines = 0;
      dropped = 0;
    }
    if (lines++ < linesPerMinute) deps.log[level](`${deps.name}: ${message.slice(0, LINE_CHARS)}`);
    else dropped++;
  };
  return {
    log,
    /** The last lines, as the end of a sentence; empty when it printed none. */
    last: () => (kept.length === 0 ? "" : `: ${kept.join(" | ")}`),
    async drain(stream: AsyncIterable<Uint8Array>) {
      const decoder = new TextDecoder();
      let rest = "";
      const take = (line: string) => {
        if (line.trim() === "") return;
        kept.push(line.trim().slice(0, 300));
        if (kept.length > LINES_KEPT) kept.shift();
        log("warn", line);
      };
      for await (const chunk of stream) {
        const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = (parts.pop() ?? "").slice(0, LINE_CHARS);
        for (const part of parts) take(part);
      }
      take(rest);
    },
  };
}
