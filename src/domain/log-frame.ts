import type { CompiledRule } from "./rule.ts";
import type { SeriesEntry } from "./series.ts";

/** What changes the fold besides readings. Each is a frame of the log, so it takes effect at one position. */
export type ControlFrame =
  | { readonly kind: "rule"; readonly rule: CompiledRule }
  | { readonly kind: "rule-removed"; readonly ruleId: string; readonly atUs: number }
  | {
      readonly kind: "alert-closed";
      readonly ruleId: string;
      readonly seriesNo: number;
      readonly atUs: number;
    }
  /** Days of these series are days of this IANA zone, from now on and, by recomputing, before. */
  | { readonly kind: "zone"; readonly zone: string; readonly seriesNos: readonly number[] }
  /** A fold rebuilt from nothing takes over the alerts that the relational store has open. */
  | { readonly kind: "alerts-adopted"; readonly open: readonly AdoptedAlert[] };

export type AdoptedAlert = {
  readonly ruleId: string;
  readonly seriesNo: number;
  readonly sinceUs: number;
};

/** A clock frame: closes idle device keys, so that a replay sees the same clock. */
export type ClockFrame = { readonly nowUs: number };

/** New series; the log's dictionary is the truth about them. */
export type DictionaryFrame = { readonly entries: readonly SeriesEntry[] };
