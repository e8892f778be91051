import type { Instant, SeverityMark } from "./model.ts";

export type AlarmRowProps = {
  readonly id: string;
  readonly version: number;
  readonly mark: SeverityMark;
  readonly title: string;
  /** Undefined while its series is in the inbox. */
  readonly assetName: string | undefined;
  readonly assetHref: string | undefined;
  /** "7.4 mm/s, limit 7.1" */
  readonly value: string;
  readonly since: Instant;
  /** "22 min" */
  readonly lasted: string;
  /** "new", "Anna Nowak", "closed 14:31" */
  readonly state: string;
  readonly mayAcknowledge: boolean;
  /** Shown in the detail panel now. */
  readonly chosen: boolean;
};
