import type { Shell } from "../shell.ts";
import type { Option, Paging, Spark } from "../ui/model.ts";
import type { IngestTabs } from "./ingest.tsx";

export type InboxRow = {
  readonly seriesNo: number;
  /** "gb_211,loc=out vib_rms" */
  readonly series: string;
  /** "8,412 rows since 12:10" */
  readonly sub: string;
  readonly spark: Spark;
  /** What it looks like: asset and sensor it would become; empty = no suggestion. */
  readonly assetKey: string;
  readonly sensorName: string;
  readonly why: string;
  readonly unit: string;
  readonly ticked: boolean;
};

/**
 * POST /ingest/inbox/adoption and /ingest/inbox/ignored with `series` once per ticked row; with
 * `asset_<no>`, `sensor_<no>`, `unit_<no>` where a person changed the suggestion.
 */
export type InboxProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly opening: string;
  readonly rows: readonly InboxRow[];
  readonly assets: readonly Option[];
  readonly paging: Paging;
  readonly mayWrite: boolean;
  readonly problem: string | undefined;
};
