import type { Actor, Change } from "./actor.ts";
import type { CompiledRule, Severity } from "./rule.ts";

/** One sensor, or all sensors of a name on assets of a type (of any type when undefined). */
export type RuleScope =
  | { readonly kind: "sensor"; readonly sensorId: string }
  | {
      readonly kind: "type";
      readonly assetTypeId: string | undefined;
      readonly sensorName: string;
    };

/** What a rule says; each edit of it is a new version. */
export type RuleTerms = {
  readonly severity: Severity;
  readonly op: "above" | "below";
  readonly threshold: number;
  /** The value at which it clears; on the good side of the threshold or equal to it. */
  readonly clear: number;
  /** Event time for which the condition must hold. */
  readonly holdMs: number;
  readonly scope: RuleScope;
};

export type Rule = RuleTerms & {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly version: number;
  /** The log sequence at which this version took effect; undefined while it is pending. */
  readonly sequence: number | undefined;
  readonly updatedAtUs: number;
};

export type NewRule = RuleTerms & Pick<Rule, "name"> & { readonly enabled?: boolean | undefined };
export type RulePatch = Partial<Omit<NewRule, "enabled">> & {
  readonly enabled?: boolean | undefined;
};

export type RuleVersion = RuleTerms & {
  readonly version: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly sequence: number | undefined;
  readonly createdAtUs: number;
  readonly createdBy: string;
};

/** A change of rules that the log has not been told of yet. */
export type RuleFrame =
  | { readonly kind: "rule"; readonly tenantId: string; readonly rule: CompiledRule }
  | {
      readonly kind: "rule-removed";
      readonly tenantId: string;
      readonly ruleId: string;
      readonly version: number;
      readonly atUs: number;
    };

export type RuleStore = {
  list(who: Actor): Promise<readonly Rule[]>;
  get(who: Actor, id: string): Promise<Rule | undefined>;
  /** Newest first. */
  versions(who: Actor, id: string): Promise<readonly RuleVersion[]>;
  /** @throws AppError "invalid" for terms that cannot hold (see `ruleFault`). */
  create(who: Actor, input: NewRule, change?: Change): Promise<Rule>;
  update(who: Actor, id: string, patch: RulePatch, change?: Change): Promise<Rule>;
  remove(who: Actor, id: string, change?: Change): Promise<void>;
  /** How many series each rule of the tenant watches. */
  coverage(who: Actor): Promise<ReadonlyMap<string, number>>;
  /**
   * In every tenant: versions without a sequence, and rules that watch other series than was framed.
   * Call it at start, after a change of a rule and after series were mapped; frame each, then `framed`.
   */
  unframed(): Promise<readonly RuleFrame[]>;
  framed(frames: readonly RuleFrame[], sequence: number): Promise<void>;
  /** In every tenant: the log has lost its rules, so all count as not framed. */
  forgetFramed(): Promise<void>;
};

/** What is wrong with a rule's terms, for people; undefined when nothing is. Pure. */
export function ruleFault(terms: Omit<RuleTerms, "scope">): string | undefined {
  if (!Number.isFinite(terms.threshold)) return "the threshold must be a number";
  if (!Number.isFinite(terms.clear)) return "the clear threshold must be a number";
  if (!Number.isFinite(terms.holdMs) || terms.holdMs < 0 || terms.holdMs > 30 * 86_400_000)
    return "the hold time must be from 0 to 30 days";
  const good =
    terms.op === "above" ? terms.clear <= terms.threshold : terms.clear >= terms.threshold;
  if (good) return undefined;
  return terms.op === "above"
    ? "the clear threshold must not lie above the threshold"
    : "the clear threshold must not lie below the threshold";
}
