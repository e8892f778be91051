import { AppError } from "../../src/plugin-sdk/index.ts";
import { createZone, type Zone } from "./zone.ts";

/** Units of times that are plain numbers, in µs. */
export const TIME_UNITS_US: Readonly<Record<string, number>> = {
  ns: 0.001,
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

const DAY_US = 86_400_000_000;
const LATEST_US = Number.MAX_SAFE_INTEGER; // the year 2255

/** µs since epoch, or why the text is no time. */
export type ParsedTime = { readonly atUs: number } | { readonly reason: string };

const DATE = String.raw`(\d{4})[-/](\d\d)[-/](\d\d)`;
const CLOCK = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?`;
const OFFSET = String.raw`(Z|z|UTC|[+-]\d\d(?::?\d\d)?)`;
const ISO = new RegExp(String.raw`^${DATE}(?:[T ]${CLOCK})?\s*${OFFSET}?$`);

/** Days from 1970-01-01 to a date of the Gregorian calendar (H. Hinnant, "chrono-compatible date algorithms"). */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function monthDays(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function offsetUs(text: string): number {
  if (text === "Z" || text === "z" || text === "UTC") return 0;
  const digits = text.slice(1).replace(":", "").padEnd(4, "0");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (text.startsWith("-") ? -minutes : minutes) * 60_000_000;
}

/** An ISO 8601 time. Without an offset it is local to `zone`; a date alone is its first moment. */
function parseIso(text: string, zone: Zone | undefined, isDateAllowed: boolean): ParsedTime {
  const match = ISO.exec(text);
  if (match === null) {
    const hint = /^-?\d+(\.\d+)?$/.test(text)
      ? "it is a number: set timeUnit to ns, us, ms, s, m, h or d"
      : "write it as 2026-01-31T13:45:00Z";
    return { reason: `${JSON.stringify(text)} is not a time; ${hint}` };
  }
  const [, yyyy, mm, dd, hh = "0", min = "0", ss = "0", fraction = "", offset] = match;
  const [year, month, day] = [Number(yyyy), Number(mm), Number(dd)];
  const [hour, minute, second] = [Number(hh), Number(min), Number(ss)];
  const isOnCalendar = month >= 1 && month <= 12 && day >= 1 && day <= monthDays(year, month);
  if (!isOnCalendar || hour > 23 || minute > 59 || second > 59) {
    return { reason: `${JSON.stringify(text)} is not on the calendar or the clock` };
  }
  const micros = Number(fraction.slice(0, 6).padEnd(6, "0"));
  const seconds = (hour * 60 + minute) * 60 + second;
  const localUs = daysOf(year, month, day) * DAY_US + seconds * 1_000_000 + micros;
  if (offset !== undefined) return { atUs: localUs - offsetUs(offset) };
  if (zone !== undefined) return { atUs: zone.toUtc(localUs) };
  if (isDateAllowed && match[4] === undefined) return { atUs: localUs };
  return {
    reason: `${JSON.stringify(text)} has no time zone; end it in Z or +01:00, or set zone to the site's`,
  };
}

export type TimeSettings = {
  readonly timeUnit?: string;
  readonly timeOrigin?: string;
  readonly zone?: string;
};

/**
 * Parses times as the settings say: numbers of `timeUnit` since `timeOrigin` (the epoch), or ISO 8601.
 * @throws AppError("invalid") for an unknown zone or an origin that is no time.
 */
export function createTimeParser(settings: TimeSettings) {
  const zone = settings.zone === undefined ? undefined : createZone(settings.zone);
  const unitUs = settings.timeUnit === undefined ? undefined : TIME_UNITS_US[settings.timeUnit];
  const origin = parseIso(settings.timeOrigin ?? "1970-01-01T00:00:00Z", zone, true);
  if ("reason" in origin) throw new AppError("invalid", `timeOrigin: ${origin.reason}`);
  return {
    /** @param isDateAllowed whether a date without a zone is fine; it is then taken as UTC. */
    parse(text: string, isDateAllowed: boolean): ParsedTime {
      if (unitUs === undefined) return parseIso(text, zone, isDateAllowed);
      const value = text === "" ? Number.NaN : Number(text);
      // Division by 1,000 is exact for whole µs; a product by 0.001 is not.
      const us = unitUs < 1 ? nanosToMicros(text, value) : value * unitUs;
      const atUs = Math.round(origin.atUs + us);
      if (Math.abs(atUs) <= LATEST_US) return { atUs };
      return { reason: `${JSON.stringify(text)} is not a number of ${settings.timeUnit}` };
    },
  };
}

function nanosToMicros(text: string, value: number): number {
  // 19 digits are more than a double holds: the last three are cut before, not after.
  return /^\d{16,19}$/.test(text) ? Number(text.slice(0, -3)) : Math.floor(value / 1_000);
}
