import type { Shell } from "../shell.ts";
import type { Instant, Paging } from "../ui/model.ts";
import type { IngestTabs } from "./ingest.tsx";

/** GET /ingest/quarantine?source=&reason=&cursor= */
export type QuarantineProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly opening: string;
  readonly groups: readonly {
    readonly reason: string;
    readonly sample: string;
    readonly count: string;
    readonly source: string;
    readonly last: Instant;
    readonly href: string;
  }[];
  /** Lines of the chosen group. */
  readonly lines: readonly {
    readonly id: string;
    readonly at: Instant;
    readonly source: string;
    readonly lineNo: number;
    readonly column: number;
    readonly line: string;
    readonly reason: string;
  }[];
  readonly chosen: string | undefined;
  readonly paging: Paging;
};
