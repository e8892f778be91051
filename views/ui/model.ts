import type { Severity } from "../../src/domain/rule.ts";

/** Shapes that several parts share. Every text in them is finished: formatted, with its unit. */

/** A time ready to show: `iso` for machines, `text` to read, `title` with date, clock and zone. */
export type Instant = { readonly iso: string; readonly text: string; readonly title: string };

/** The eight states of an asset; the first that is true wins. */
export const ASSET_STATES = [
  "emergency",
  "critical",
  "blind",
  "warning",
  "watch",
  "maintenance",
  "stopped",
  "healthy",
] as const;
export type AssetState = (typeof ASSET_STATES)[number];

/** A severity glyph: filled while nobody acknowledged, hollow after, grey when it counts nothing. */
export type SeverityMark = {
  readonly severity: Severity;
  readonly acknowledged?: boolean;
  readonly off?: boolean;
};

/** The state of an asset as its glyph; `acknowledged` hollows the three that are severities. */
export type StateMark = { readonly state: AssetState; readonly acknowledged?: boolean };

/** Health to show: undefined score = not known. Floors are those of the asset's type. */
export type Health = {
  readonly score: number | undefined;
  readonly warningBelow: number;
  readonly criticalBelow: number;
};

/** What every form carries: the session's token and a key that makes a resend do nothing twice. */
export type FormKeys = {
  readonly csrf: string;
  /** Random per rendering of the page; each form appends its own name. */
  readonly formKey: string;
};

/** A form that came back: what was typed, and one sentence per wrong field ("" = the form as a whole). */
export type FormState = {
  readonly values: Readonly<Record<string, string>>;
  readonly errors: Readonly<Record<string, string>>;
};

export type Option = { readonly value: string; readonly label: string };

/** A link with its words. */
export type Link = { readonly href: string; readonly text: string };

/** Who and what an asset is, wherever a row names one. */
export type AssetRef = { readonly id: string; readonly tag: string; readonly name: string };

/** Values over time for a sparkline, oldest first; null = no data. */
export type Spark = readonly (number | null)[];

/** An entry of a timeline. */
export type TimelineEntry = {
  readonly at: Instant;
  readonly mark:
    | { readonly kind: "severity"; readonly severity: Severity; readonly acknowledged: boolean }
    | { readonly kind: "state"; readonly state: AssetState }
    | { readonly kind: "icon"; readonly icon: "work" | "prediction" | "rule" | "model" | "note" };
  readonly title: string;
  readonly detail: string;
  readonly href?: string;
  /** The finding is older than its discovery. */
  readonly foundLater?: boolean;
};

/** One named part of a total: signed, in the unit of the total, not yet rounded. */
export type Part = { readonly label: string; readonly value: number };

/** A label and its value; a value may be a link. */
export type Fact = { readonly label: string; readonly value: string | Link };

/** A cursor-paged list: the address of the next page, if there is one. */
export type Paging = { readonly nextHref: string | undefined; readonly countText: string };
