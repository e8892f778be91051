import { READ_LIMITS, type ReadingReads, type ReadingRows } from "../domain/reading-store.ts";
import type { SeriesCatalogue } from "../domain/series-catalogue.ts";
import type { Clock } from "../lib/clock.ts";
import { badData, type Labels, type Matcher, PromError } from "./expression.ts";
import { createNaming, matches, type NamedSeries } from "./naming.ts";
import type { Samples } from "./range-functions.ts";
import { type Steps, timeOf } from "./values.ts";

export type PromDeps = {
  readonly readings: Pick<ReadingReads, "rows">;
  readonly catalogue: SeriesCatalogue;
  readonly lastValue: (
    seriesNo: number,
  ) => { readonly atUs: number; readonly value: number } | undefined;
  readonly clock: Clock;
  /** Reads see everything that was acknowledged up to here. */
  readonly sequence: () => Promise<number>;
};

/** One query's share of the machine. */
export type Budget = {
  readonly deadlineUs: number;
  /** Readings that may still be loaded. */
  samples: number;
};

/** How long a reading counts as the newest. */
export const LOOKBACK_US = 300_000_000;
/** Readings that one query may load, as Prometheus' own default. */
export const SAMPLES_MOST = 50_000_000;
/** Values (series × steps) that one part of a query may have. */
export const VALUES_MOST = 5_000_000;
const SERIES_PER_READ = 500;

/** Is given the readings of a series. */
type Take = (labels: Labels, samples: Samples) => void;

export type Source = ReturnType<typeof createSource>;

/** Readings for queries: series by their labels, and what they measured, within a query's budget. */
export function createSource(deps: PromDeps) {
  const naming = createNaming();

  function spend(budget: Budget, samples: number): void {
    budget.samples -= samples;
    if (budget.samples < 0)
      throw new PromError(
        "execution",
        `query processing would load too many samples into memory in query execution: more than ${SAMPLES_MOST}; ask for fewer series or less time`,
      );
    if (deps.clock.nowUs() > budget.deadlineUs)
      throw new PromError("timeout", "query timed out in expression evaluation");
  }

  async function select(tenantNo: number, matchers: readonly Matcher[]): Promise<NamedSeries[]> {
    const atLeastSequence = await deps.sequence();
    const series = await deps.catalogue.all(tenantNo, { atLeastSequence });
    return naming.of(tenantNo, series).filter(({ labels }) => matches(labels, matchers));
  }

  /** All readings of each series in (fromUs, toUs], a few series at a time. */
  async function samples(
    series: readonly NamedSeries[],
    span: { readonly fromUs: number; readonly toUs: number },
    budget: Budget,
    take: Take,
  ): Promise<void> {
    const waiting = chunksOf(series, SERIES_PER_READ);
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const rows = await deps.readings.rows({
        seriesNos: part.map(({ seriesNo }) => seriesNo),
        ...{ fromUs: Math.max(0, span.fromUs + 1), toUs: Math.max(0, span.toUs + 1) },
        ...{ of: "numbers", limit: READ_LIMITS.rowsPerRead },
      });
      if (rows.more) {
        if (part.length === 1) spend(budget, budget.samples + 1);
        waiting.unshift(...chunksOf(part, Math.ceil(part.length / 4)));
        continue;
      }
      spend(budget, rows.count);
      handOver(rows, part, take);
    }
  }

  /** Enough readings of each series to tell the newest at every step. */
  async function newest(
    series: readonly NamedSeries[],
    steps: Steps,
    budget: Budget,
    take: Take,
  ): Promise<void> {
    const rest =
      steps.count === 1 ? fromMemory(deps.lastValue, series, steps.firstUs, take) : series;
    const lastUs = timeOf(steps, steps.count - 1);
    const perPart = Math.max(1, Math.floor(READ_LIMITS.rowsPerRead / (steps.count + 1)));
    for (const part of chunksOf(rest, Math.min(perPart, READ_LIMITS.seriesPerRead))) {
      const rows = await deps.readings.rows({
        seriesNos: part.map(({ seriesNo }) => seriesNo),
        fromUs: Math.max(0, steps.firstUs - LOOKBACK_US + 1),
        toUs: Math.max(0, lastUs + 1),
        ...{ of: "numbers", limit: READ_LIMITS.rowsPerRead },
        lastOfSteps: {
          firstUs: Math.max(0, steps.firstUs),
          stepUs: steps.count === 1 ? LOOKBACK_US : steps.stepUs,
          withinUs: LOOKBACK_US,
        },
      });
      spend(budget, rows.count);
      handOver(rows, part, take);
    }
  }

  return { select, samples, newest, spend };
}

/** Hands over each series' part of rows that are in order of series. */
function handOver(rows: ReadingRows, series: readonly NamedSeries[], take: Take): void {
  const byNo = new Map(series.map((one) => [one.seriesNo, one.labels]));
  for (const [seriesNo, from, to] of runsOf(rows.series))
    take(byNo.get(seriesNo) ?? new Map(), {
      atUs: rows.atUs.subarray(from, to),
      value: rows.value.subarray(from, to),
    });
}

/** Takes what shared memory knows at a time; returns the series that it says nothing of. */
function fromMemory(
  lastValue: PromDeps["lastValue"],
  series: readonly NamedSeries[],
  atUs: number,
  take: Take,
): NamedSeries[] {
  return series.filter(({ seriesNo, labels }) => {
    const last = lastValue(seriesNo);
    if (last === undefined || last.atUs > atUs || Number.isNaN(last.value)) return true;
    take(labels, { atUs: Float64Array.of(last.atUs), value: Float64Array.of(last.value) });
    return false;
  });
}

/** Refuses an answer that would not fit into memory. */
export function checkValues(series: number, steps: number): void {
  if (series * steps > VALUES_MOST)
    throw badData(
      `${series} series over ${steps} steps are more than ${VALUES_MOST} values; ask for fewer series or longer steps`,
    );
}

function chunksOf<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < all.length; from += size) chunks.push(all.slice(from, from + size));
  return chunks;
}

/** Runs of equal numbers: [number, from, to). */
function runsOf(numbers: Uint32Array): [number, number, number][] {
  const runs: [number, number, number][] = [];
  for (let from = 0; from < numbers.length; ) {
    const number = numbers[from] ?? 0;
    let to = from + 1;
    while (to < numbers.length && numbers[to] === number) to++;
    runs.push([number, from, to]);
    from = to;
  }
  return runs;
}
