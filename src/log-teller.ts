import type { Engine } from "./domain/engine.ts";
import { reasonOf } from "./domain/error.ts";
import type { ControlFrame } from "./domain/log-frame.ts";
import type { Relational } from "./domain/relational.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";

/**
 * Tells the log what changes the fold and lies pending in the relational store: zones of series, rules,
 * and alerts that people closed. Rows are stamped once their frame is flushed; what a crash leaves
 * unstamped is told at the next start, and telling twice changes nothing.
 */
export type LogTeller = {
  /** Resolves once all that was pending when it was called is in force and in the relational store. */
  tell(): Promise<void>;
  /**
   * Tells before long, for what nobody waits for: each telling reads what all series of a tenant are, so
   * while a fleet is adopted slice by slice it rests between two for some times as long as one took.
   */
  tellSoon(): void;
  /** Tells no more by itself. */
  stop(): void;
};

/** Rest between two tellings that nobody waits for, in lengths of the last one. */
const REST = 4;
/** However long one took, and wherever the clock was set meanwhile. */
const REST_MS_MAX = 60_000;

export type LogTellerDeps = {
  readonly relational: {
    readonly series: Pick<Relational["series"], "unframedZones" | "zonesFramed">;
    readonly rules: Pick<Relational["rules"], "unframed" | "framed">;
    readonly alerts: Pick<Relational["alerts"], "pendingCloses">;
  };
  readonly engine: Pick<Engine, "control">;
  /** Resolves when the relational store has applied this sequence. */
  readonly reached: (sequence: number) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Calls are put one behind the other; those that wait at the same time share one round. */
export function createLogTeller(deps: LogTellerDeps): LogTeller {
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  let restUntilUs = 0;
  let cancelSoon: (() => void) | undefined;
  let isStopped = false;

  async function timed(): Promise<void> {
    const startUs = deps.clock.nowUs();
    await tellOnce(deps);
    const endUs = deps.clock.nowUs();
    restUntilUs = endUs + REST * (endUs - startUs);
  }

  function tell(): Promise<void> {
    if (waiting !== undefined) return waiting;
    const next = running
      .catch(() => {})
      .then(() => {
        waiting = undefined;
        return timed();
      });
    waiting = next;
    running = next;
    return next;
  }

  return {
    tell,
    tellSoon() {
      if (cancelSoon !== undefined || isStopped) return;
      const restMs = Math.min(REST_MS_MAX, Math.max(0, restUntilUs - deps.clock.nowUs()) / 1000);
      cancelSoon = deps.clock.after(restMs, () => {
        cancelSoon = undefined;
        tell().catch((error: unknown) => {
          deps.logger.warn("rules of new series wait for the next change", {
            reason: reasonOf(error),
          });
        });
      });
    },
    stop() {
      isStopped = true;
      cancelSoon?.();
    },
  };
}

async function tellOnce({ relational, engine, reached }: LogTellerDeps): Promise<void> {
  const zones = await relational.series.unframedZones();
  const rules = await relational.rules.unframed();
  const closes = await relational.alerts.pendingCloses();
  const frames: ControlFrame[] = [
    ...zones.map((change) => ({ kind: "zone" as const, ...change })),
    ...rules.map(
      (frame): ControlFrame =>
        frame.kind === "rule"
          ? { kind: "rule", rule: frame.rule }
          : { kind: "rule-removed", ruleId: frame.ruleId, atUs: frame.atUs },
    ),
    ...closes.map((close) => ({
      kind: "alert-closed" as const,
      ruleId: close.ruleId,
      seriesNo: close.seriesNo,
      atUs: close.atUs,
    })),
  ];
  if (frames.length === 0) return;
  const sequence = await engine.control(frames);
  if (zones.length > 0) await relational.series.zonesFramed(zones);
  if (rules.length > 0) await relational.rules.framed(rules, sequence);
  await reached(sequence);
}
