import type { Engine } from "./domain/engine.ts";
import type { ControlFrame } from "./domain/log-frame.ts";
import type { Relational } from "./domain/relational.ts";

/**
 * Tells the log what changes the fold and lies pending in the relational store: zones of series, rules,
 * and alerts that people closed. Rows are stamped once their frame is flushed; what a crash leaves
 * unstamped is told at the next start, and telling twice changes nothing.
 */
export type LogTeller = {
  /** Resolves once all that was pending when it was called is in force and in the relational store. */
  tell(): Promise<void>;
};

export type LogTellerDeps = {
  readonly relational: {
    readonly series: Pick<Relational["series"], "unframedZones" | "zonesFramed">;
    readonly rules: Pick<Relational["rules"], "unframed" | "framed">;
    readonly alerts: Pick<Relational["alerts"], "pendingCloses">;
  };
  readonly engine: Pick<Engine, "control">;
  /** Resolves when the relational store has applied this sequence. */
  readonly reached: (sequence: number) => Promise<void>;
};

/** Calls are put one behind the other; those that wait at the same time share one round. */
export function createLogTeller(deps: LogTellerDeps): LogTeller {
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  return {
    tell() {
      if (waiting !== undefined) return waiting;
      const next = running
        .catch(() => {})
        .then(() => {
          waiting = undefined;
          return tellOnce(deps);
        });
      waiting = next;
      running = next;
      return next;
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
