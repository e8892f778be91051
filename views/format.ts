import type { TimeTick } from "./ui/chart-model.ts";
import type { Instant } from "./ui/model.ts";

/** Between a number and its unit: narrow and never broken. */
export const THIN = "\u202f";
const MINUS = "\u2212";
const DAY_MS = 86_400_000;

export type FormatSettings = {
  /** BCP 47, such as "en-GB". */
  readonly locale: string;
  /** IANA zone of the plant. */
  readonly zone: string;
  /** ISO 4217 code. */
  readonly currency: string;
};

/** Turns values into the texts of the pages. Everything is pure; times are µs since epoch. */
export type Format = ReturnType<typeof createFormat>;

/** Makes the formatters of one locale, zone and currency. Make it once per request or keep it. */
export function createFormat(settings: FormatSettings) {
  const times = createTimes(settings.locale, settings.zone);
  return {
    ...createNumbers(settings.locale, settings.currency),
    ...times,
    duration,
    durationShort,
  };
}

function createNumbers(locale: string, currency: string) {
  const cache = new Map<number, Intl.NumberFormat>();
  const digits = (decimals: number): Intl.NumberFormat => {
    let format = cache.get(decimals);
    if (format === undefined) {
      format = new Intl.NumberFormat(locale, {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
      });
      cache.set(decimals, format);
    }
    return format;
  };
  const sign = currencySign(locale, currency);
  /** "1,204" or "7.4"; with a true minus sign. */
  const number = (value: number, decimals = 0): string =>
    digits(decimals).format(value).replace("-", MINUS);
  return {
    number,
    /** "7.4 mm/s"; undefined or NaN is "not known". */
    value: (value: number | undefined, decimals: number, unit: string): string =>
      value === undefined || !Number.isFinite(value)
        ? NOT_KNOWN
        : unit === ""
          ? number(value, decimals)
          : `${number(value, decimals)}${THIN}${unit}`,
    /** 0.62 is "62 %". Between 0 and 1 % it says "under 1 %", near 1 "over 99 %". */
    percent: (share: number | undefined): string => {
      if (share === undefined || !Number.isFinite(share)) return NOT_KNOWN;
      if (share > 0 && share < 0.01) return `under 1${THIN}%`;
      if (share < 1 && share > 0.99) return `over 99${THIN}%`;
      return `${number(Math.round(share * 100))}${THIN}%`;
    },
    /** Whole amounts: "€18,400". */
    money: (amount: number | undefined): string =>
      amount === undefined ? NOT_KNOWN : `${sign}${number(Math.round(amount))}`,
    /** Rounded to what is known: "€11.4k", "€640". */
    moneyShort: (amount: number | undefined): string => {
      if (amount === undefined) return NOT_KNOWN;
      const size = Math.abs(amount);
      if (size >= 999_500) return `${sign}${number(amount / 1e6, 1)}M`;
      if (size >= 1_000) return `${sign}${number(amount / 1e3, 1)}k`;
      return `${sign}${number(Math.round(amount))}`;
    },
    /** "1.2 MB" */
    bytes: (size: number): string => {
      const units = ["bytes", "kB", "MB", "GB", "TB"];
      let at = 0;
      let left = size;
      while (left >= 1_000 && at < units.length - 1) {
        left /= 1_000;
        at++;
      }
      return `${number(left, at === 0 ? 0 : 1)}${THIN}${units[at]}`;
    },
    /** "9 to 21 d", "over 60 d": remaining life, always as a range. */
    rangeText: (low: number, high: number, unit: string): string =>
      `${number(low)} to ${number(high)}${THIN}${unit}`,
  };
}

const NOT_KNOWN = "not known";

function currencySign(locale: string, currency: string): string {
  const parts = new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  }).formatToParts(1);
  const sign = parts.find((part) => part.type === "currency")?.value ?? currency;
  return sign.length > 1 ? `${sign}${THIN}` : sign;
}

/** "22 min", "1 h 11 min", "3 d 2 h": the two largest units; under a second is "under 1 s". */
export function duration(ms: number): string {
  const units = [
    ["d", DAY_MS],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ] as const;
  if (ms < 1_000) return `under 1${THIN}s`;
  const first = units.findIndex(([, size]) => ms >= size);
  const [name, size] = units[first] ?? units[3];
  const whole = Math.floor(ms / size);
  const next = units[first + 1];
  const rest = next === undefined ? 0 : Math.floor((ms - whole * size) / next[1]);
  const head = `${whole}${THIN}${name}`;
  if (next === undefined || rest === 0 || name === "min" || whole >= 10) return head;
  return `${head} ${rest}${THIN}${next[0]}`;
}

/** Only the largest unit: "3 h". */
export function durationShort(ms: number): string {
  const text = duration(ms);
  return ms < 1_000 ? text : (text.split(" ")[0] ?? "");
}

function createTimes(locale: string, zone: string) {
  const make = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options });
  const clock = make({ hour: "2-digit", minute: "2-digit" });
  const clockSeconds = make({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const weekday = make({ weekday: "short", day: "numeric" });
  const dayMonth = make({ day: "numeric", month: "short" });
  const dayMonthYear = make({ day: "numeric", month: "short", year: "numeric" });
  const full = make({
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
  const bar = make({
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  });
  const year = make({ year: "numeric" });
  const plain = (text: string) => text.replaceAll(",", "");
  const instant = (atUs: number, text: (date: Date) => string): Instant => {
    const date = new Date(atUs / 1_000);
    return { iso: date.toISOString(), text: text(date), title: plain(full.format(date)) };
  };
  return {
    /** Under 24 h the clock, this week "Tue 17", older "17 Nov", other years with the year. */
    at: (atUs: number, nowUs: number): Instant =>
      instant(atUs, (date) => {
        const age = Math.abs(nowUs - atUs) / 1_000;
        if (age < DAY_MS) return clock.format(date);
        if (age < 6 * DAY_MS) return plain(weekday.format(date));
        const sameYear = year.format(date) === year.format(new Date(nowUs / 1_000));
        return (sameYear ? dayMonth : dayMonthYear).format(date);
      }),
    /** "1 s ago", "48 min ago", "in 3 h". */
    ago: (atUs: number, nowUs: number): Instant =>
      instant(atUs, () => {
        const ms = (nowUs - atUs) / 1_000;
        return ms >= 0 ? `${durationShort(ms)} ago` : `in ${durationShort(-ms)}`;
      }),
    /** "Tue 17 Nov 14:10": day and clock, for schedules. */
    dayClock: (atUs: number): Instant =>
      instant(
        atUs,
        (date) =>
          `${plain(weekday.format(date))} ${make({ month: "short" }).format(date)} ${clock.format(date)}`,
      ),
    /** "14:10:04" */
    seconds: (atUs: number): Instant => instant(atUs, (date) => clockSeconds.format(date)),
    /** "Mon 23 Nov 14:32 CET", for the top bar. */
    plantClock: (atUs: number): Instant => instant(atUs, (date) => plain(bar.format(date))),
    /** At most `most` even ticks with words, midnight-aligned in the zone from two days up. */
    timeTicks: (fromUs: number, toUs: number, most: number): TimeTick[] => {
      const spanMs = (toUs - fromUs) / 1_000;
      const steps = [1, 5, 15, 60, 180, 360, 720, 1_440, 2_880, 10_080, 20_160, 43_200, 86_400];
      const stepMin = steps.find((min) => spanMs / (min * 60_000) <= most) ?? 172_800;
      const stepUs = stepMin * 60e6;
      const offsetUs = zoneOffsetUs(zone, fromUs);
      const ticks: TimeTick[] = [];
      const first = Math.ceil((fromUs + offsetUs) / stepUs) * stepUs - offsetUs;
      for (let atUs = first; atUs <= toUs && ticks.length < 24; atUs += stepUs) {
        const date = new Date(atUs / 1_000);
        ticks.push({ atUs, label: (stepMin < 1_440 ? clock : dayMonth).format(date) });
      }
      return ticks;
    },
  };
}

/** How far the zone's clock is ahead of UTC at a moment, in µs. */
function zoneOffsetUs(zone: string, atUs: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(new Date(atUs / 1_000));
  const get = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? "0");
  const local = Date.UTC(
    get("year"),
    get("month") - 1,
    get("day"),
    get("hour"),
    get("minute"),
    get("second"),
  );
  return (local - Math.floor(atUs / 1e6) * 1_000) * 1_000;
}
