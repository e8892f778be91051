import type { LateLedgerRow } from "../../domain/reading-store.ts";
import type { Logger } from "../../lib/logger.ts";
import { type DaySpan, zonedDays } from "../../lib/zoned-day.ts";
import type { DuckdbConnection } from "./connection.ts";

/** A set of (series, time), e.g. bucket starts. */
export type SeriesTimes = Map<number, Set<number>>;

/**
 * What the writer knows of its tables without asking. Changed only after a commit, so that it always
 * describes what is stored.
 */
export type StoreState = {
  sequence: number;
  /** Start of each series' newest closed 5-minute bucket. */
  readonly newestClosedUs: Map<number, number>;
  /** Buckets that a late reading fell into and that are not closed yet. */
  readonly pending: SeriesTimes;
  readonly zoneOf: Map<number, string>;
  readonly ledger: Map<number, LateLedgerRow>;
};

/** Starts of series' newest closed buckets, as they were before a read's snapshot. */
export type ClosedBefore = ReadonlyMap<number, number>;

/** What a read of these series has to know, taken before its snapshot. */
export function closedBefore(state: StoreState, seriesNos: readonly number[]): ClosedBefore {
  const closed = new Map<number, number>();
  for (const no of seriesNos) {
    const startUs = state.newestClosedUs.get(no);
    if (startUs !== undefined) closed.set(no, startUs);
  }
  return closed;
}

/** Reads the state from the tables. */
export async function loadState(connection: DuckdbConnection): Promise<StoreState> {
  const cursor = await connection.rows("select sequence from cursor");
  const newest = await connection.rows(
    `select series, epoch_us(max(start))::double from
       (select series, start from buckets_5m union all from newest_closed) group by series`,
  );
  const pending = await connection.rows("select series, epoch_us(start)::double from late_pending");
  const series = await connection.rows("select series, zone from series");
  const ledger = await connection.rows(
    "select source, fresh, duplicates, overwrites from late_ledger",
  );
  const state: StoreState = {
    sequence: cursor.f64(0)[0] ?? 0,
    newestClosedUs: new Map(zip(newest.u32(0), newest.f64(1))),
    pending: new Map(),
    zoneOf: new Map(zip(series.u32(0), series.text(1))),
    ledger: new Map(),
  };
  for (const [no, startUs] of zip(pending.u32(0), pending.f64(1)))
    addTime(state.pending, no, startUs);
  const [sources, fresh, duplicates, overwrites] = [
    ledger.u32(0),
    ledger.f64(1),
    ledger.f64(2),
    ledger.f64(3),
  ];
  sources.forEach((sourceNo, row) => {
    state.ledger.set(sourceNo, {
      sourceNo,
      fresh: fresh[row] ?? 0,
      duplicates: duplicates[row] ?? 0,
      overwrites: overwrites[row] ?? 0,
    });
  });
  return state;
}

function zip<T>(keys: Uint32Array, values: ArrayLike<T>): [number, T][] {
  // Both are columns of one result and equally long.
  return Array.from(keys, (key, row) => [key, values[row] as T]);
}

export function addTime(times: SeriesTimes, seriesNo: number, atUs: number): void {
  const known = times.get(seriesNo);
  if (known) known.add(atUs);
  else times.set(seriesNo, new Set([atUs]));
}

export function hasTime(times: SeriesTimes, seriesNo: number, atUs: number): boolean {
  return times.get(seriesNo)?.has(atUs) ?? false;
}

/** Columns of all (series, time) in a set. */
export function timeColumns(times: SeriesTimes): {
  readonly count: number;
  readonly series: Uint32Array;
  readonly atUs: Float64Array;
} {
  let count = 0;
  for (const set of times.values()) count += set.size;
  const series = new Uint32Array(count);
  const atUs = new Float64Array(count);
  let row = 0;
  for (const [seriesNo, set] of times) {
    series.fill(seriesNo, row, row + set.size);
    for (const at of set) atUs[row++] = at;
  }
  return { count, series, atUs };
}

/** Days by zone; a zone that the system does not know counts as UTC and is named in the log once. */
export function createDayFinder(
  logger: Logger,
): (zone: string | undefined, atUs: number) => DaySpan {
  const finders = new Map<string, (atUs: number) => DaySpan>();
  return (zone = "UTC", atUs) => {
    let find = finders.get(zone);
    if (!find) {
      find = tryZone(zone, logger);
      finders.set(zone, find);
    }
    return find(atUs);
  };
}

function tryZone(zone: string, logger: Logger): (atUs: number) => DaySpan {
  try {
    return zonedDays(zone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    logger.warn("this system does not know the time zone; its days are those of UTC", { zone });
    return zonedDays("UTC");
  }
}
