import type { Actor } from "./domain/actor.ts";
import type { Engine } from "./domain/engine.ts";
import {
  checkLineRule,
  type LineMapping,
  type LineRule,
  type RulePreview,
} from "./domain/mapping-rule.ts";
import { bytesOf, isReplayable, type KeptLine, readableLine } from "./domain/quarantine.ts";
import type { Relational } from "./domain/relational.ts";
import { type LineOutcome, lineHead, lineValue, previewLine } from "./ingest/index.ts";

export type LineMappingDeps = {
  readonly relational: Pick<Relational, "mappingRules" | "quarantine" | "series">;
  readonly engine: Pick<Engine, "mapLines">;
};

/** Kept lines that a preview looks at: each of its readings is looked up among the known series. */
const PREVIEW_LINES = 200;
const SAMPLES = 8;

/** Hands the stored rules to the engine, one change after the other, and tries new ones. */
export function createLineMapping({ relational, engine }: LineMappingDeps): LineMapping {
  let last: Promise<void> = Promise.resolve();
  const load = async () => engine.mapLines(await relational.mappingRules.bySource());
  return {
    apply() {
      // What an earlier one could not load the next one loads.
      last = last.then(load, load);
      return last;
    },
    async preview(who, { sourceId, measurement, change, reason }) {
      const rule = { measurement, change };
      checkLineRule(rule);
      const choice = { sourceId, reason };
      const [known, found] = await Promise.all([
        relational.mappingRules.list(who, { sourceId }),
        relational.quarantine.chosen(who, choice, PREVIEW_LINES + 1),
      ]);
      const lines = found.slice(0, PREVIEW_LINES).filter(isReplayable);
      const outcomes = await outcomesOf(relational, who, lines, [...known, rule]);
      return { ...summaryOf(lines, outcomes), isWhole: found.length <= PREVIEW_LINES };
    },
  };
}

async function outcomesOf(
  relational: Pick<Relational, "series">,
  who: Actor,
  lines: readonly KeptLine[],
  rules: readonly LineRule[],
): Promise<LineOutcome[]> {
  const outcomes = lines.map(({ line, dialect = "influx", precision = "ns", receivedAtUs }) =>
    previewLine({ bytes: bytesOf(line), dialect, precision, defaultAtUs: receivedAtUs }, rules),
  );
  const readings = outcomes.flatMap((one) => (one.kind === "readings" ? one.readings : []));
  const kinds = await relational.series.kindsOf(who, readings);
  let next = 0;
  return outcomes.map((outcome): LineOutcome => {
    if (outcome.kind !== "readings") return outcome;
    const own = kinds.slice(next, next + outcome.readings.length);
    next += outcome.readings.length;
    const wrong = outcome.readings.findIndex(({ kind }, i) => (own[i] ?? kind) !== kind);
    const reading = outcome.readings[wrong];
    if (reading === undefined) return outcome;
    const reason = `field ${reading.field} is ${own[wrong]}, the line has ${reading.kind}`;
    return { kind: "refused", reason };
  });
}

function summaryOf(
  lines: readonly KeptLine[],
  outcomes: readonly LineOutcome[],
): Omit<RulePreview, "isWhole"> {
  const count = (kind: LineOutcome["kind"]) => outcomes.filter((one) => one.kind === kind).length;
  return {
    lines: lines.length,
    readings: count("readings"),
    ignored: count("ignored"),
    refused: count("refused"),
    samples: outcomes.slice(0, SAMPLES).map((outcome, i) => ({
      line: readableLine(lines[i]?.line ?? ""),
      becomes: outcome.kind === "readings" ? lineOf(outcome) : undefined,
      reason: outcome.kind === "refused" ? outcome.reason : undefined,
    })),
  };
}

/** The readings as a line with its time to read. */
function lineOf({ readings }: Extract<LineOutcome, { kind: "readings" }>): string {
  const [first] = readings;
  if (first === undefined) return "";
  const head = lineHead(first, "questdb") ?? "";
  const values = readings.map(({ field, kind, value, text }, i) => {
    const shown = lineValue(kind, value, text, "questdb") ?? "…";
    return i === 0 ? shown : `${field}=${shown}`;
  });
  const atMs = first.atUs / 1000;
  const time = Math.abs(atMs) <= 8.64e15 ? new Date(atMs).toISOString() : `${first.atUs} µs`;
  return `${head}${values.join(",")} ${time}`;
}
