import type { Shell } from "../shell.ts";
import type { ChartProps } from "../ui/chart-model.ts";
import type { FormState, Instant, Option } from "../ui/model.ts";

/**
 * A new rule or a version of one. POST /rules or /rules/:id with: name, scope (a value of `scopes`), op,
 * threshold, hold_minutes, severity, clear, enabled ("on"); POST /rules/:id/removal.
 */
export type RuleProps = {
  readonly shell: Shell;
  /** Undefined for a new rule. */
  readonly rule:
    | { readonly id: string; readonly version: number; readonly name: string }
    | undefined;
  readonly form: FormState;
  /** Grouped: one sensor ("sensor:<id>"), or all of a type ("type:<typeId or *>:<sensor name>"). */
  readonly scopes: readonly { readonly group: string; readonly options: readonly Option[] }[];
  readonly unit: string;
  /** What it covers, in words: "covers 6 pumps". */
  readonly covers: string;
  /** Last weeks of one sensor it covers, with this limit. */
  readonly chart: ChartProps | undefined;
  readonly versions: readonly {
    readonly version: number;
    readonly sentence: string;
    readonly at: Instant;
    readonly by: string;
    readonly state: string;
  }[];
  readonly mayWrite: boolean;
};
