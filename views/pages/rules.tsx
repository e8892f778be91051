import type { Shell } from "../shell.ts";
import type { Instant, SeverityMark } from "../ui/model.ts";

export type RuleRow = {
  readonly id: string;
  readonly name: string;
  readonly mark: SeverityMark;
  /** "bearing temperature of any pump is above 85 °C for 10 min" */
  readonly sentence: string;
  readonly covers: string;
  readonly alarms30d: string;
  readonly enabled: boolean;
  /** Its newest version waits for the log. */
  readonly pending: boolean;
  readonly changed: Instant;
};

export type RulesProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly rules: readonly RuleRow[];
  readonly mayWrite: boolean;
};
