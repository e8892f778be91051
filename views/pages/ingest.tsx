import type { Shell } from "../shell.ts";
import type { ChartProps } from "../ui/chart-model.ts";
import type { Instant } from "../ui/model.ts";

export type IngestTab = "overview" | "inbox" | "quarantine" | "uploads" | "tokens";

/** Counts beside the tabs of all ingest pages. */
export type IngestTabs = { readonly inbox: number; readonly quarantine: number };

export type SourceRow = {
  readonly id: string;
  readonly name: string;
  /** "line protocol, HTTP" */
  readonly kind: string;
  readonly silent: boolean;
  readonly sent: string;
  /** Stored = new + duplicate + overwritten + late; sent = stored + refused. */
  readonly stored: string;
  readonly storedTitle: string;
  readonly refused: string;
  readonly last: Instant | undefined;
};

export type IngestProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly opening: string;
  readonly rate: ChartProps | undefined;
  /** "Waiting to be written: 0. Late rows today: 412." */
  readonly rateNote: string;
  readonly sources: readonly SourceRow[];
  /** A line to paste: a ready curl command, without the token. */
  readonly example: string;
};
