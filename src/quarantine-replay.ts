import type { Caller } from "./domain/access.ts";
import type { Engine, WriteResult } from "./domain/engine.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import {
  bytesOf,
  isReplayable,
  type KeptLine,
  type QuarantineStore,
  type ReplayOutcome,
  type ReplayQuarantine,
  type ReplayReport,
} from "./domain/quarantine.ts";
import type { Clock } from "./lib/clock.ts";

export type ReplayDeps = {
  readonly quarantine: Pick<QuarantineStore, "chosen" | "replayed">;
  readonly engine: Pick<Engine, "write">;
  readonly clock: Clock;
  /** Resolves when the relational store has applied this sequence. */
  readonly reached: (sequence: number) => Promise<void>;
};

/** Lines that one replay takes. */
export const REPLAY_LINES_MAX = 10_000;
/** Lines on their way to the log at once. */
const AT_ONCE = 500;
const REASONS_SHOWN = 10;

type Sent = {
  taken: KeptLine[];
  refused: Refused[];
  sequence: number;
  stopped: string | undefined;
};
type Refused = ReplayOutcome["refused"][number];

/** Makes the replay of kept lines: first into the log, then out of quarantine, one at a time for a tenant. */
export function createReplay(deps: ReplayDeps): ReplayQuarantine {
  const busy = new Set<string>();
  return async (who, choice, change) => {
    if (busy.has(who.tenantId))
      throw new AppError("conflict", "another replay is under way; try again when it is done");
    busy.add(who.tenantId);
    try {
      const lines = await deps.quarantine.chosen(who, choice, REPLAY_LINES_MAX + 1);
      const asked = lines.slice(0, REPLAY_LINES_MAX);
      const whole = asked.filter(isReplayable);
      const sent = await sendAll(deps, who, whole);
      if (sent.stopped !== undefined && sent.taken.length + sent.refused.length === 0)
        throw new AppError("unavailable", `nothing was replayed: ${sent.stopped}`);
      // The readings stand in the ledger before the refusals leave it.
      if (sent.sequence > 0) await deps.reached(sent.sequence);
      const report = reportOf(sent, {
        notWhole: asked.length - whole.length,
        isWhole: lines.length <= REPLAY_LINES_MAX && sent.stopped === undefined,
      });
      const outcome = { takenIds: sent.taken.map(({ id }) => id), refused: sent.refused };
      return await deps.quarantine.replayed(who, choice, outcome, report, change);
    } finally {
      busy.delete(who.tenantId);
    }
  };
}

async function sendAll(deps: ReplayDeps, who: Caller, lines: readonly KeptLine[]): Promise<Sent> {
  const sent: Sent = { taken: [], refused: [], sequence: 0, stopped: undefined };
  for (let at = 0; at < lines.length && sent.stopped === undefined; at += AT_ONCE) {
    const some = lines.slice(at, at + AT_ONCE);
    const results = await Promise.allSettled(some.map((line) => send(deps, who, line)));
    for (const [index, result] of results.entries()) {
      const line = some[index];
      if (line === undefined) continue;
      if (result.status === "fulfilled") settle(sent, line, result.value);
      else if (result.reason instanceof AppError && result.reason.code === "unavailable")
        sent.stopped = reasonOf(result.reason);
      else throw result.reason;
    }
  }
  return sent;
}

/** Each line is a request of its own, as it was kept, so that each has an answer of its own. */
function send(deps: ReplayDeps, who: Caller, line: KeptLine): Promise<WriteResult> {
  return deps.engine.write({
    tenantNo: who.tenantNo,
    sourceNo: line.sourceNo,
    dialect: line.dialect ?? "influx",
    precision: line.precision ?? "ns",
    receivedAtUs: deps.clock.nowUs(),
    firstReceivedAtUs: line.receivedAtUs,
    keepsGoodLines: true,
    body: bytesOf(line.line).buffer,
  });
}

function settle(sent: Sent, line: KeptLine, result: WriteResult): void {
  const [error] = result.errors;
  if (error === undefined) {
    sent.taken.push(line);
    sent.sequence = Math.max(sent.sequence, result.sequence);
  } else sent.refused.push({ id: line.id, reason: error.reason, column: error.column });
}

function reportOf(
  { taken, refused }: Sent,
  more: Pick<ReplayReport, "notWhole" | "isWhole">,
): ReplayReport {
  const byReason = Map.groupBy(refused, ({ reason }) => reason);
  const reasons = [...byReason].map(([reason, lines]) => ({ reason, lines: lines.length }));
  return {
    replayed: taken.length,
    refused: refused.length,
    ...more,
    reasons: reasons.sort((a, b) => b.lines - a.lines).slice(0, REASONS_SHOWN),
  };
}
