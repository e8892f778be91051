import type { Shell } from "../shell.ts";
import type {
  AssetRef,
  AssetState,
  Health,
  Instant,
  Link,
  SeverityMark,
  Spark,
  StateMark,
} from "../ui/model.ts";
import type { ProofRow } from "../ui/proof.tsx";

/** One thing that needs a person: a fact with its number and limit, what follows, and its acts. */
export type NeedRow = {
  /** Id of the row in the page: `need-alarm-41`, `need-blind-7`. */
  readonly id: string;
  readonly mark: ({ kind: "severity" } & SeverityMark) | ({ kind: "state" } & StateMark);
  readonly title: string;
  readonly href: string;
  readonly detail: string;
  readonly chips: readonly { readonly text: string; readonly href?: string }[];
  /** Alarm that can be acknowledged from here, with its version. */
  readonly acknowledge?: { readonly alarmId: string; readonly version: number };
  readonly links: readonly Link[];
};

export type RiskRow = {
  readonly asset: AssetRef;
  readonly health: Health;
  /** "62 %", or undefined = not known. */
  readonly chance: string | undefined;
  readonly timeLeft: string | undefined;
  /** "€11.4k" */
  readonly risk: string | undefined;
  readonly spark: Spark;
  readonly sparkLimit?: number;
  readonly next: string;
  readonly nextSub: string;
  readonly href: string;
};

export type MapArea = {
  readonly name: string;
  readonly cells: readonly (StateMark & {
    readonly id: string;
    /** "GB-210 Conveyor 2 gearbox" */
    readonly label: string;
  })[];
};

export type NowProps = {
  readonly shell: Shell;
  /** "Three things need you"; see `openingNeeds` in format.ts. */
  readonly opening: string;
  readonly sub: string;
  /** At most five, most urgent first. */
  readonly needs: readonly NeedRow[];
  /** Everything after the first five, one link each. */
  readonly then: readonly Link[];
  /** Said instead of the list when it is empty: "Last alarm cleared 3 h ago; 148 assets are watched." */
  readonly calm: string;
  readonly blindPlant: boolean;
  readonly risks: readonly RiskRow[];
  /** "next 14 days" */
  readonly riskHorizon: string;
  readonly work: readonly {
    readonly id: string;
    readonly title: string;
    readonly sub: string;
    readonly when: string;
    readonly late: boolean;
  }[];
  readonly tally: Readonly<Record<AssetState, number>>;
  readonly map: readonly MapArea[];
  readonly assetCount: number;
  /** Assets by tens of health, from 0; and how many are not known. */
  readonly healthTens: readonly number[];
  readonly healthUnknown: number;
  /** The demo's proof, when this plant has known faults. */
  readonly proof: { readonly rows: readonly ProofRow[]; readonly sub: string } | undefined;
  readonly mayAct: boolean;
  readonly now: Instant;
};
