/** When a job runs: at a minute of every hour, an hour of every day, or of one day of the week. */
export type Schedule =
  | { readonly kind: "hourly"; readonly minute: number }
  | { readonly kind: "daily"; readonly hour: number; readonly minute: number }
  /** 0 = Sunday. */
  | {
      readonly kind: "weekly";
      readonly weekday: number;
      readonly hour: number;
      readonly minute: number;
    };

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
const DAY_US = 24 * HOUR_US;

/** The schedule in cron's five fields. */
export function cronOf(schedule: Schedule): string {
  switch (schedule.kind) {
    case "hourly":
      return `${schedule.minute} * * * *`;
    case "daily":
      return `${schedule.minute} ${schedule.hour} * * *`;
    case "weekly":
      return `${schedule.minute} ${schedule.hour} * * ${schedule.weekday}`;
  }
}

type Wall = { year: number; month: number; day: number; hour: number; minute: number };

/** What the wall clock of a zone shows at a time. */
function wallOf(atUs: number, zone: string): Wall {
  const parts = new Intl.DateTimeFormat("en-US-u-hc-h23", {
    timeZone: zone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(new Date(atUs / 1000));
  const field = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return {
    year: field("year"),
    month: field("month"),
    day: field("day"),
    hour: field("hour"),
    minute: field("minute"),
  };
}

/**
 * The time at which a zone's wall clock shows the given minute of a day. An hour that the clocks skip
 * is taken after the change; of an hour that comes twice the first.
 */
function timeOfWall(wall: Wall, zone: string): number {
  const asUtcUs = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute) * 1000;
  const shownUs = (atUs: number) => {
    const shown = wallOf(atUs, zone);
    return Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute) * 1000;
  };
  const offsets = [asUtcUs - DAY_US, asUtcUs + DAY_US].map((at) => shownUs(at) - at);
  const exact = offsets.map((offset) => asUtcUs - offset).filter((at) => shownUs(at) === asUtcUs);
  const before = offsets[0] ?? 0;
  return exact.length > 0 ? Math.min(...exact) : asUtcUs - before;
}

/** The newest time at or before `nowUs` at which the schedule wanted a run. Pure. */
export function lastDueUs(schedule: Schedule, nowUs: number, zone: string): number {
  if (schedule.kind === "hourly") {
    const dueUs = Math.floor(nowUs / HOUR_US) * HOUR_US + schedule.minute * MINUTE_US;
    return dueUs <= nowUs ? dueUs : dueUs - HOUR_US;
  }
  const today = wallOf(nowUs, zone);
  for (let back = 0; back <= 8; back++) {
    const date = new Date(Date.UTC(today.year, today.month - 1, today.day - back));
    if (schedule.kind === "weekly" && date.getUTCDay() !== schedule.weekday) continue;
    const dueUs = timeOfWall(
      {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        hour: schedule.hour,
        minute: schedule.minute,
      },
      zone,
    );
    if (dueUs <= nowUs) return dueUs;
  }
  throw new Error("unreachable: every schedule is due within eight days");
}

/** The next time after `nowUs` at which the schedule wants a run. Pure. */
export function nextDueUs(schedule: Schedule, nowUs: number, zone: string): number {
  const stepUs = schedule.kind === "hourly" ? 10 * MINUTE_US : 6 * HOUR_US;
  for (let atUs = nowUs + stepUs; ; atUs += stepUs) {
    const dueUs = lastDueUs(schedule, atUs, zone);
    if (dueUs > nowUs) return dueUs;
  }
}
