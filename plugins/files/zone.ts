import { AppError } from "../../src/plugin-sdk/index.ts";

/** Local time of a place. */
export type Zone = {
  /**
   * The moment at which clocks there show `localUs` (µs since epoch as if it were UTC). A time that
   * occurs twice in autumn is its first; one that spring skips is as much later as the clocks jump.
   */
  toUtc(localUs: number): number;
};

const QUARTER_US = 900_000_000;
const DAY_US = 86_400_000_000;
const CACHE_QUARTERS = 100_000;

/** @throws AppError("invalid") when `name` is not an IANA time zone. */
export function createZone(name: string): Zone {
  const format = createFormat(name);
  const offsetAt = (utcUs: number): number => {
    const wholeMs = Math.floor(utcUs / 1_000_000) * 1_000;
    const parts = Object.fromEntries(
      format.formatToParts(wholeMs).map((part) => [part.type, Number(part.value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return (Date.UTC(year, month - 1, day, hour % 24, minute, second) - wholeMs) * 1_000;
  };
  const resolve = (localUs: number): number => {
    const before = offsetAt(localUs - DAY_US);
    const after = offsetAt(localUs + DAY_US);
    for (const offset of [before, after]) {
      if (offsetAt(localUs - offset) === offset) return offset;
    }
    return before; // skipped by the clocks: count on as if they had not jumped
  };
  // Offsets change on quarter hours (Lord Howe's on the half), so one per quarter holds for all of it.
  const cache = new Map<number, number>();
  return {
    toUtc(localUs) {
      const quarter = Math.floor(localUs / QUARTER_US);
      let offset = cache.get(quarter);
      if (offset === undefined) {
        offset = resolve(quarter * QUARTER_US);
        if (cache.size >= CACHE_QUARTERS) cache.clear();
        cache.set(quarter, offset);
      }
      return localUs - offset;
    },
  };
}

function createFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "gregory",
      hour12: false,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    const message = `zone ${JSON.stringify(timeZone)} is not a time zone; write it like Europe/Berlin`;
    throw new AppError("invalid", message, { cause });
  }
}
