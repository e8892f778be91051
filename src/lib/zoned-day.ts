/** A calendar day of a zone as [startUs, endUs), in µs since epoch; 23 or 25 hours where clocks change. */
export type DaySpan = { readonly startUs: number; readonly endUs: number };

const DAY_US = 86_400_000_000;
const CACHED_DAYS = 20_000;

/**
 * Finds the day of a zone that a time lies in. A day starts at the first moment that carries its date:
 * where midnight is skipped that is later than midnight, where it comes twice the first one counts.
 * @throws RangeError when the zone is not an IANA zone that the system knows.
 */
export function zonedDays(zone: string): (atUs: number) => DaySpan {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const cache = new Map<number, DaySpan[]>();
  return (atUs) => {
    const key = Math.floor(atUs / DAY_US);
    const known = cache.get(key) ?? [];
    const hit = known.find((span) => span.startUs <= atUs && atUs < span.endUs);
    if (hit) return hit;
    const span = daySpan(format, atUs);
    if (cache.size >= CACHED_DAYS) cache.clear();
    cache.set(key, [...known, span]);
    return span;
  };
}

function daySpan(format: Intl.DateTimeFormat, atUs: number): DaySpan {
  const atMs = Math.floor(atUs / 1000);
  const dateMs = dateOf(localMs(format, atMs));
  const startMs = startOf(format, dateMs);
  // A zone may leave out a whole date (it moved across the date line): then the day after that ends it.
  for (let days = 1; ; days++) {
    const endMs = startOf(format, dateMs + days * 86_400_000);
    if (endMs > atMs) return { startUs: startMs * 1000, endUs: endMs * 1000 };
  }
}

function dateOf(ms: number): number {
  return Math.floor(ms / 86_400_000) * 86_400_000;
}

/** The first moment of a local date, given as its midnight read as if it were UTC. */
function startOf(format: Intl.DateTimeFormat, dateMs: number): number {
  const guess = dateMs - offsetMs(format, dateMs);
  const before = dateMs - offsetMs(format, guess - 6 * 3_600_000);
  if (dateOf(localMs(format, before)) === dateMs) return before;
  return dateMs - offsetMs(format, guess + 6 * 3_600_000);
}

function offsetMs(format: Intl.DateTimeFormat, ms: number): number {
  return localMs(format, ms) - Math.floor(ms / 1000) * 1000;
}

/** The zone's wall clock at a moment, read as if it were UTC. */
function localMs(format: Intl.DateTimeFormat, ms: number): number {
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(ms)) part[type] = value;
  const year = part.era === "BC" ? 1 - Number(part.year) : Number(part.year);
  const time = new Date(0);
  time.setUTCFullYear(year, Number(part.month) - 1, Number(part.day));
  return time.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second));
}
