import type { Severity } from "../../src/domain/rule.ts";
import type { Shell } from "../shell.ts";
import type { AlarmRowProps } from "../ui/alarm-row.tsx";
import type { Paging } from "../ui/model.ts";
import type { AlarmDetailProps } from "./alarm.tsx";

export const ALARM_VIEWS = ["active", "unacknowledged", "closed", "info"] as const;
export type AlarmView = (typeof ALARM_VIEWS)[number];

/** GET /alarms?view=&severity=&q=&cursor=; POST /alarms/acknowledgement with `alarm` once per ticked row. */
export type AlarmsProps = {
  readonly shell: Shell;
  /** "8 active, 4 not acknowledged. 7 new since midnight." */
  readonly opening: string;
  readonly view: AlarmView;
  readonly counts: Readonly<Record<"active" | "unacknowledged", number>>;
  readonly severity: Severity | "";
  readonly q: string;
  readonly rows: readonly AlarmRowProps[];
  readonly paging: Paging;
  /** Over 10 alarms in 10 minutes: what to know, in a sentence. */
  readonly flood: string | undefined;
  /** The alarm opened beside the list, when one is. */
  readonly detail: AlarmDetailProps | undefined;
  readonly mayAct: boolean;
};
