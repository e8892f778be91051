import type { Severity } from "../../src/domain/rule.ts";
import type { WorkStatus } from "../../src/domain/work-order.ts";
import type { Shell } from "../shell.ts";
import type { AssetRef } from "../ui/model.ts";

export type WorkCard = {
  readonly id: string;
  /** "WO-1187" */
  readonly number: string;
  readonly title: string;
  readonly asset: AssetRef;
  readonly severity: Severity | undefined;
  /** "from a prediction, 62 %", "Thu 26 Nov, 1 h" */
  readonly foot: readonly string[];
  readonly late: boolean;
};

/** Lanes in order: requested, planned, in-progress, done (this week). */
export type WorkProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly view: "board" | "list";
  readonly lanes: readonly {
    readonly status: WorkStatus;
    readonly count: number;
    readonly cards: readonly WorkCard[];
  }[];
  /** What closing told the models, by origin. */
  readonly learned: readonly {
    readonly origin: string;
    readonly closed: string;
    readonly failures: string;
    readonly nothing: string;
  }[];
  readonly learnedNote: string;
  readonly mayWrite: boolean;
};
