import type { QuarantinedLine, ReadingColumns } from "./reading.ts";
import type { CompiledRule } from "./rule.ts";
import type { SeriesEntry } from "./series.ts";
import type { RowWaveform } from "./waveform.ts";

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

/** Rows of a readings frame, from the end of the run before up to `endRow`, came from here at this time. */
export type SourceRun = {
  readonly tenantNo: number;
  readonly sourceNo: number;
  readonly receivedAtUs: number;
  readonly endRow: number;
  /** Readings of the past: no rule hears of them. */
  readonly isHistory?: boolean;
};

/** The text of one row: a state reading, a number that its double cannot hold, a waveform's summary. */
export type RowText = { readonly row: number; readonly text: string };

/** Readings of one group of requests, in order of arrival. */
export type ReadingsFrame = ReadingColumns & {
  readonly runs: readonly SourceRun[];
  /** Ascending by row. */
  readonly texts: readonly RowText[];
  /** Ascending by row; the value of such a row is NaN and its text the waveform's summary. */
  readonly waveforms: readonly RowWaveform[];
};

/** Lines that were refused: the first ones whole, all of them counted. */
export type QuarantineFrame = {
  readonly lines: readonly QuarantinedLine[];
  readonly counts: readonly {
    readonly tenantNo: number;
    readonly sourceNo: number;
    readonly receivedAtUs: number;
    readonly rejected: number;
    /** Readings that rules of the source ignored. */
    readonly ignored?: number;
  }[];
};

/** One frame of the log; the log gives each a sequence, rising by one. */
export type LogFrame =
  | { readonly kind: "readings"; readonly readings: ReadingsFrame }
  | { readonly kind: "dictionary"; readonly dictionary: DictionaryFrame }
  | { readonly kind: "control"; readonly controls: readonly ControlFrame[] }
  | { readonly kind: "clock"; readonly clock: ClockFrame }
  | { readonly kind: "quarantine"; readonly quarantine: QuarantineFrame };

/** A part of the log that cannot be read, and where a copy of it was set aside. */
export type LogDamage = {
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** The segment's file; undefined when it is gone. */
  readonly file: string | undefined;
  readonly fromByte: number;
  readonly toByte: number;
  /** Readings that headers name which can still be read; there may be more. */
  readonly readings: number;
  readonly copy: string | undefined;
  readonly foundAtUs: number;
};
