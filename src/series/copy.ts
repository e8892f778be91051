import { AppError } from "../domain/error.ts";
import {
  type BucketColumns,
  type LateColumns,
  type ReadingText,
  type StoreBatch,
  weightOf,
} from "../domain/reading.ts";
import {
  COPY_SEQUENCE,
  READ_LIMITS,
  type ReadingStoreEngine,
  type SeriesInfo,
  type StoreCounts,
} from "../domain/reading-store.ts";
import type { SeriesWaveform } from "../domain/waveform.ts";

/** Latest time that is copied: what a double holds in whole µs. */
const END_US = Number.MAX_SAFE_INTEGER;
const FIVE_MINUTES_US = 300_000_000;
const PAGE_SERIES = 1_000;
/** Readings, and samples of waveforms, that may wait in the target before it stores them. */
const UNSTORED_ROWS = 100_000;

export type CopyProgress = { readonly seriesNo: number; readonly readings: number };

/**
 * Copies dictionary, readings and waveforms from one store to the other, which makes its buckets from them, and then
 * the position in the log. All goes in as late readings, so what is there already is not doubled: a copy
 * that was broken off is repeated, or goes on behind `afterSeriesNo`.
 * @throws AppError("conflict") when the counts differ in the end; the target is not taken into use then.
 */
export async function copyStore(
  from: ReadingStoreEngine,
  to: ReadingStoreEngine,
  options: {
    readonly afterSeriesNo: number;
    /** Called when everything up to a series is stored. */
    readonly onProgress: (progress: CopyProgress) => Promise<void>;
  },
): Promise<StoreCounts> {
  const source = await from.counts();
  let sequence = Math.max((await to.status()).sequence, COPY_SEQUENCE);
  let readings = 0;
  let unstored = 0;
  let afterSeriesNo = options.afterSeriesNo;
  for (;;) {
    const page = await from.seriesInfo({ afterSeriesNo, limit: PAGE_SERIES });
    for (const info of page) {
      for await (const part of readingsOf(from, info)) {
        sequence++;
        // Failures show in the flush, which waits for it.
        void to.apply({ ...part, firstSequence: sequence, sequence }).catch(() => undefined);
        readings += part.late.count;
        unstored += weightOf(part);
        if (unstored < UNSTORED_ROWS) continue;
        await to.flush();
        unstored = 0;
      }
      afterSeriesNo = info.seriesNo;
    }
    await to.flush();
    unstored = 0;
    if (page.length > 0) await options.onProgress({ seriesNo: afterSeriesNo, readings });
    if (page.length < PAGE_SERIES) break;
  }
  const copied = await to.counts();
  if (copied.readings !== source.readings || copied.series !== source.series)
    throw new AppError(
      "conflict",
      `the copy holds ${copied.readings} readings of ${copied.series} series, the original ${source.readings} of ${source.series}; ` +
        "copy again from the beginning (readings that are not numbers, NaN, cannot be copied)",
    );
  const { sequence: reached } = await from.status();
  await to.takeOver({ sequence: reached, lateLedger: await from.lateLedger() });
  return copied;
}

type Part = Omit<StoreBatch, "firstSequence" | "sequence">;

/** A series' entry, readings, waveforms and closed buckets, in parts of bounded size. */
async function* readingsOf(from: ReadingStoreEngine, info: SeriesInfo): AsyncGenerator<Part> {
  const { zone, ...entry } = info;
  const zones = [{ zone, seriesNos: [info.seriesNo] }];
  yield { ...partOf(info, [], []), newSeries: [entry], zones };
  const texts = new Map<number, string>();
  for await (const { atUs, text } of textsOf(from, info.seriesNo)) texts.set(atUs, text);
  const starts = new Set<number>();
  for await (const rows of numbersOf(from, info.seriesNo, -END_US, END_US)) {
    const own = rows.map(([atUs, value]) => ({ atUs, value, text: texts.get(atUs) }));
    for (const [atUs] of rows) {
      texts.delete(atUs);
      starts.add(Math.floor(atUs / FIVE_MINUTES_US) * FIVE_MINUTES_US);
    }
    yield partOf(info, own, []);
  }
  // What is left of the texts are states, or what waveforms are summed up in.
  const states = Array.from(texts, ([atUs, text]) => ({ atUs, value: Number.NaN, text }));
  if (info.kind === "waveform") yield* waveformsOf(from, info, states);
  else
    for (let at = 0; at < states.length; at += READ_LIMITS.pointsPerSeries)
      yield partOf(info, states.slice(at, at + READ_LIMITS.pointsPerSeries), []);
  // The newest may be open: it closes when the next one does.
  yield partOf(info, [], [...starts].sort((a, b) => a - b).slice(0, -1));
}

/** Rows of waveforms with their samples, each part not much larger than what may wait. */
async function* waveformsOf(
  from: ReadingStoreEngine,
  info: SeriesInfo,
  rows: readonly CopyRow[],
): AsyncGenerator<Part> {
  const { seriesNo } = info;
  for (let at = 0; at < rows.length; ) {
    const first = at;
    const waveforms: SeriesWaveform[] = [];
    for (let weight = 0; at < rows.length && weight < UNSTORED_ROWS; at++) {
      const atUs = rows[at]?.atUs ?? 0;
      const found = await from.waveform({ seriesNo, atUs });
      weight += 1 + (found?.samples.length ?? 0);
      if (found) waveforms.push({ ...found, series: seriesNo, atUs, isFresh: false });
    }
    yield { ...partOf(info, rows.slice(first, at), []), waveforms };
  }
}

type CopyRow = { readonly atUs: number; readonly value: number; readonly text: string | undefined };

function partOf(info: SeriesInfo, rows: readonly CopyRow[], starts: readonly number[]): Part {
  const { seriesNo } = info;
  return {
    newSeries: [],
    zones: [],
    fresh: noReadings(),
    late: lateOf(rows, info.sourceNo, seriesNo),
    texts: rows.flatMap(({ atUs, text }): ReadingText[] =>
      text === undefined ? [] : [{ series: seriesNo, atUs, text }],
    ),
    waveforms: [],
    buckets: dirtyBuckets(seriesNo, starts),
  };
}

/** Readings of a span; one that holds more than a read returns is halved. */
async function* numbersOf(
  from: ReadingStoreEngine,
  seriesNo: number,
  fromUs: number,
  toUs: number,
): AsyncGenerator<[number, number][]> {
  const span = { seriesNos: [seriesNo], fromUs, toUs };
  const maxPoints = READ_LIMITS.pointsPerSeries;
  const [points] = await from.range({ ...span, tier: "raw", maxPoints });
  if (points === undefined || points.atUs.length === 0) return;
  if (!points.reduced) {
    yield Array.from(points.atUs, (atUs, at) => [atUs, points.mean[at] ?? Number.NaN]);
    return;
  }
  // Its points lie in all parts of the span: halves of what is between them.
  const first = points.atUs[0] ?? fromUs;
  const last = points.atUs.at(-1) ?? toUs;
  const middle = Math.ceil((first + last) / 2);
  yield* numbersOf(from, seriesNo, fromUs, middle);
  yield* numbersOf(from, seriesNo, middle, toUs);
}

async function* textsOf(from: ReadingStoreEngine, seriesNo: number): AsyncGenerator<ReadingText> {
  for (let fromUs = -END_US; ; ) {
    const { texts, truncated } = await from.states({ seriesNos: [seriesNo], fromUs, toUs: END_US });
    yield* texts;
    if (!truncated) return;
    fromUs = (texts.at(-1)?.atUs ?? END_US) + 1;
  }
}

function noReadings() {
  const none = new Float64Array();
  return { count: 0, series: new Uint32Array(), atUs: none, value: none };
}

function lateOf(rows: readonly CopyRow[], sourceNo: number, seriesNo: number): LateColumns {
  return {
    count: rows.length,
    series: new Uint32Array(rows.length).fill(seriesNo),
    atUs: Float64Array.from(rows, (one) => one.atUs),
    value: Float64Array.from(rows, (one) => one.value),
    source: new Uint32Array(rows.length).fill(sourceNo),
  };
}

/** Buckets that the store is to make from their readings. */
function dirtyBuckets(seriesNo: number, starts: readonly number[]): BucketColumns {
  const zeros = new Float64Array(starts.length);
  return {
    count: starts.length,
    series: new Uint32Array(starts.length).fill(seriesNo),
    startUs: Float64Array.from(starts),
    ...{ n: zeros, min: zeros, max: zeros, sum: zeros, sumSq: zeros, first: zeros, last: zeros },
    ...{ firstAtUs: zeros, lastAtUs: zeros, dirty: new Uint8Array(starts.length).fill(1) },
  };
}
