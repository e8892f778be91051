import type { Shell } from "../shell.ts";
import type { ChartProps } from "../ui/chart-model.ts";
import type { AssetRef, Fact, FormKeys, Instant, SeverityMark } from "../ui/model.ts";

/**
 * One alarm, in the panel beside the list or as a page. Acts: POST /alarms/:id/acknowledgement and
 * /alarms/:id/closure with csrf, version, idempotency_key, comment.
 */
export type AlarmDetailProps = {
  readonly keys: FormKeys;
  readonly id: string;
  readonly version: number;
  readonly mark: SeverityMark;
  readonly title: string;
  readonly asset: AssetRef | undefined;
  readonly sensorHref: string | undefined;
  /** "7.4 mm/s was over 7.1 for 10 min. That is rule 'Output vibration', version 6." */
  readonly sentence: string;
  readonly chart: ChartProps | undefined;
  readonly facts: readonly Fact[];
  readonly events: readonly { readonly at: Instant; readonly text: string }[];
  readonly mayAcknowledge: boolean;
  readonly mayClose: boolean;
  /** Link to a new work order made from this alarm. */
  readonly workHref: string | undefined;
  /** What failed about the last act, to show in place: "Anna acknowledged it a moment ago." */
  readonly problem: string | undefined;
};

export type AlarmPageProps = { readonly shell: Shell; readonly detail: AlarmDetailProps };
