import type { Actor, Change } from "./actor.ts";
import type { Precision } from "./engine.ts";
import { AppError } from "./error.ts";

/** Units that a rule may say times are in. */
export const RULE_PRECISIONS = ["ns", "us", "ms", "s", "m", "h"] as const;
/** What a field can be made of. */
export const RULE_KINDS = ["numeric", "boolean", "state"] as const;

/** What a rule does to each line of its source, before the line becomes readings. */
export type LineChange =
  /** Times are in this unit, whatever the request says. */
  | { readonly kind: "precision"; readonly precision: Exclude<Precision, "auto"> }
  | {
      readonly kind: "rename";
      readonly part: "measurement" | "tag" | "field";
      readonly name: string;
      readonly to: string;
    }
  /** Of a measurement its lines are ignored; a `line` is one that cannot be read and holds the text `name`. */
  | {
      readonly kind: "drop";
      readonly part: "measurement" | "tag" | "field" | "line";
      readonly name: string;
    }
  /** A text such as "12.5" as number, a number as state, … */
  | { readonly kind: "convert"; readonly name: string; readonly to: (typeof RULE_KINDS)[number] }
  /** Puts another text in the place of each `name` in lines that cannot be read as they are. */
  | { readonly kind: "replace"; readonly name: string; readonly to: string };

/** A rule with the measurement that it is for; undefined = all. */
export type LineRule = {
  readonly measurement: string | undefined;
  readonly change: LineChange;
};

/** A rule that belongs to a source; its rules are applied in the order in which they were made. */
export type MappingRule = LineRule & {
  readonly id: string;
  readonly sourceId: string;
  readonly sourceName: string;
  readonly createdAtUs: number;
  readonly createdBy: string;
  readonly version: number;
};

export type NewMappingRule = {
  readonly sourceId: string;
  readonly measurement?: string | undefined;
  readonly change: LineChange;
};

/** All rules of one source, in order. */
export type SourceRules = { readonly sourceNo: number; readonly rules: readonly LineRule[] };

export type MappingRuleStore = {
  /** By source, oldest first. */
  list(
    who: Actor,
    filter?: { readonly sourceId?: string | undefined },
  ): Promise<readonly MappingRule[]>;
  /** @throws AppError "not-found" for a source, "invalid" for a rule that says nothing or one too many. */
  create(who: Actor, input: NewMappingRule, change?: Change): Promise<MappingRule>;
  remove(who: Actor, id: string, change?: Change): Promise<void>;
  /** Of every source in every tenant that has any. */
  bySource(): Promise<readonly SourceRules[]>;
};

/** What a rule, beside those that its source has, would make of kept lines. */
export type RulePreview = {
  /** Kept lines that were looked at. */
  readonly lines: number;
  /** False when more are kept. */
  readonly isWhole: boolean;
  readonly readings: number;
  readonly ignored: number;
  readonly refused: number;
  readonly samples: readonly {
    readonly line: string;
    /** The line as it would be taken; undefined when it is ignored or refused. */
    readonly becomes: string | undefined;
    readonly reason: string | undefined;
  }[];
};

/** Tries a rule on the kept lines of its source, or those of one reason; keeps nothing. */
export type PreviewRule = (
  who: Actor,
  input: NewMappingRule & { readonly reason?: string | undefined },
) => Promise<RulePreview>;

/** The rules in force, and what a further one would do. */
export type LineMapping = {
  /** Puts the rules that are stored into force; resolves when lines sent from now on go through them. */
  apply(): Promise<void>;
  readonly preview: PreviewRule;
};

/** Rules that a source may have: each is tried on each of its lines. */
export const RULES_PER_SOURCE = 50;
const TEXT_MAX = 200;

/** @throws AppError "invalid" that says what is missing or too long. */
export function checkLineRule({ measurement, change }: LineRule): void {
  const texts: Record<string, string | undefined> = { measurement };
  if (change.kind !== "precision") texts.name = change.name;
  if (change.kind === "rename") texts.to = change.to;
  for (const [what, text] of Object.entries(texts)) {
    if (text === undefined) continue;
    if (text === "") throw new AppError("invalid", `mapping rule: ${what} is empty`);
    if (text.length > TEXT_MAX || /[\n\r\0]/.test(text))
      throw new AppError(
        "invalid",
        `mapping rule: ${what} is over ${TEXT_MAX} characters or holds a line end`,
      );
  }
  if (change.kind === "replace" && (change.to.length > TEXT_MAX || /[\n\r\0]/.test(change.to)))
    throw new AppError(
      "invalid",
      `mapping rule: to is over ${TEXT_MAX} characters or holds a line end`,
    );
  if (change.kind === "rename" && change.name === change.to)
    throw new AppError("invalid", "mapping rule: the new name is the old one");
}

/** The rule that people most likely want for a reason; undefined when no rule helps. */
export function suggestedChange(reason: string): LineChange | undefined {
  const kinds = /^field (.+) is (numeric|boolean|state|waveform), the line has /.exec(reason);
  if (kinds !== null) {
    const to = RULE_KINDS.find((kind) => kind === kinds[2]);
    return to && { kind: "convert", name: kinds[1] ?? "", to };
  }
  if (reason.startsWith("timestamp out of range")) return { kind: "precision", precision: "ns" };
  if (reason.startsWith("a new series,")) return { kind: "drop", part: "tag", name: "" };
  const value = /^invalid value (.+)$/s.exec(reason);
  if (value !== null) return { kind: "replace", name: value[1] ?? "", to: "" };
  return undefined;
}
