import type { ReadingsFrame, RowText } from "../domain/log-frame.ts";
import type { BucketColumns, LateColumns, ReadingColumns, ReadingText } from "../domain/reading.ts";
import type { SeriesEntry } from "../domain/series.ts";
import type { RowWaveform, SeriesWaveform } from "../domain/waveform.ts";
import { BucketSink, ReadingSink } from "./columns.ts";
import { Devices } from "./devices.ts";
import { Ledger, type Tally } from "./ledger.ts";
import { Rings } from "./rings.ts";
import * as slot from "./slots.ts";

export type WindowSettings = {
  readonly latenessUs: number;
  /** A time further ahead of its arrival than this is kept, but moves nothing. */
  readonly aheadUs: number;
  /** A device that sends nothing for so long is idle: clock frames close its buckets. */
  readonly idleUs: number;
  readonly maxRings: number;
};

export const DEFAULT_WINDOW_SETTINGS: WindowSettings = {
  latenessUs: 10e6,
  aheadUs: 300e6,
  idleUs: 120e6,
  maxRings: 65_536,
};

/** Hears of each reading that is newer than all of its series before, unless it came as history. */
export type ReadingListener = {
  /** 1 for a series it wants to hear of. */
  readonly watched: Uint8Array;
  onReading(seriesNo: number, atUs: number, value: number): void;
};

const INITIAL_SERIES = 128;

/** What `admit` finds: newest of its series; the same, but the store must look; neither. */
const FRESH = 0;
const REOPENS = 1;
const OUT_OF_ORDER = 2;

/**
 * Verdicts, last values and 5-minute buckets as a fold over the log.
 *
 * A reading newer than its series' mark is fresh. One at the mark with the same value is a duplicate.
 * Any other is late: the store decides. A late reading that falls in the series' open bucket is merged
 * when the ring proves it new, otherwise it makes the bucket dirty. A series has one open bucket: it
 * closes when the series moves on, when the device's watermark passes its end, or when a clock frame
 * finds the device idle. A reading for a closed bucket is late for the store, so that the store
 * computes that bucket again.
 */
export class WindowFold {
  state: Float64Array<SharedArrayBuffer>;
  readonly devices = new Devices();
  readonly rings: Rings;
  readonly ledger = new Ledger();
  /** Buckets that readings from the future fall into, by series: dirty when they close. */
  readonly future = new Map<number, { from: number; to: number }>();
  /** Text of the newest reading, where it has one. */
  readonly lastTexts = new Map<number, string>();
  openBuckets = 0;
  private readonly settings: WindowSettings;
  private readonly listener: ReadingListener;
  private readonly buckets = new BucketSink();
  private readonly late = new ReadingSink();
  private fresh: { series: Uint32Array; atUs: Float64Array; value: Float64Array }[] = [];
  private freshRows = 0;
  private texts: ReadingText[] = [];
  private waveforms: SeriesWaveform[] = [];
  private samples = 0;
  /** The readings at hand are of the past: the listener hears nothing of them. */
  private isHistory = false;

  constructor(settings: WindowSettings, listener: (fold: WindowFold) => ReadingListener) {
    this.settings = settings;
    this.rings = new Rings(settings.maxRings);
    this.state = new Float64Array(new SharedArrayBuffer(INITIAL_SERIES * slot.SLOTS * 8));
    this.listener = listener(this);
  }

  /** Makes room for series; returns how many of them were new. */
  addSeries(entries: readonly SeriesEntry[]): number {
    let added = 0;
    for (const { seriesNo, tenantNo, deviceKey } of entries) {
      this.reserve(seriesNo);
      const base = seriesNo * slot.SLOTS;
      // Known from a dictionary that reaches further than the log that is replayed.
      if (this.state[base + slot.CLOSED_TO] !== 0) continue;
      const device = this.devices.add(tenantNo, deviceKey, seriesNo);
      this.state[base + slot.MARK] = Number.NEGATIVE_INFINITY;
      this.state[base + slot.LAST] = Number.NaN;
      this.state[base + slot.BUCKET] = Number.NaN;
      this.state[base + slot.CLOSED_TO] = Number.NEGATIVE_INFINITY;
      this.state[base + slot.DEVICE] = device;
      added++;
    }
    return added;
  }

  knows(seriesNo: number): boolean {
    return (this.state[seriesNo * slot.SLOTS + slot.CLOSED_TO] ?? 0) !== 0;
  }

  /** Rows of the store batch so far, and samples of its waveforms. */
  get rows(): number {
    return this.freshRows + this.late.size + this.samples;
  }

  readings(frame: ReadingsFrame): void {
    const { count } = frame;
    // Fresh rows are gathered in columns of their own; the frame's are reused by who filled them.
    const series = new Uint32Array(count);
    const atUs = new Float64Array(count);
    const value = new Float64Array(count);
    let row = 0;
    let kept = 0;
    let text = 0;
    let waveform = 0;
    for (const run of frame.runs) {
      const aheadOf = run.receivedAtUs + this.settings.aheadUs;
      const tally = this.ledger.of(run);
      const keptBefore = kept;
      tally.received += run.endRow - row;
      this.isHistory = run.isHistory === true;
      for (; row < run.endRow; row++) {
        let note: string | undefined;
        if (text < frame.texts.length && frame.texts[text]?.row === row)
          note = (frame.texts[text++] as RowText).text; // the index was checked in the condition
        let wave: RowWaveform | undefined;
        if (waveform < frame.waveforms.length && frame.waveforms[waveform]?.row === row)
          wave = frame.waveforms[waveform++];
        const s = frame.series[row] ?? 0;
        const t = frame.atUs[row] ?? 0;
        const v = frame.value[row] ?? 0;
        const verdict = this.admit(s, t, v, note, aheadOf, run.receivedAtUs);
        if (verdict === FRESH) {
          series[kept] = s;
          atUs[kept] = t;
          value[kept] = v;
          kept++;
          if (note !== undefined) this.texts.push({ series: s, atUs: t, text: note });
        } else if (verdict === REOPENS) this.toStore(s, t, v, note, run.sourceNo, tally);
        else if (!this.outOfOrder(s, t, v, note, aheadOf, run.sourceNo, tally)) continue;
        if (wave !== undefined) this.keepWaveform(wave, s, t, verdict === FRESH);
      }
      tally.fresh += kept - keptBefore;
    }
    if (kept === 0) return;
    this.fresh.push({
      series: series.subarray(0, kept),
      atUs: atUs.subarray(0, kept),
      value: value.subarray(0, kept),
    });
    this.freshRows += kept;
  }

  /** Takes the reading when it is newer than its series and not too far ahead of the clock. */
  private admit(
    series: number,
    t: number,
    v: number,
    note: string | undefined,
    aheadOf: number,
    receivedAtUs: number,
  ): number {
    const { state, devices } = this;
    const base = series * slot.SLOTS;
    if (!(t > (state[base + slot.MARK] ?? 0)) || t > aheadOf) return OUT_OF_ORDER;
    const device = state[base + slot.DEVICE] ?? 0;
    devices.arrivedAtUs[device] = receivedAtUs;
    if (t > (devices.newestUs[device] ?? 0)) {
      devices.newestUs[device] = t;
      const watermark = t - this.settings.latenessUs;
      if (watermark >= (devices.nextCloseUs[device] ?? 0)) this.closeUpTo(device, watermark);
    }
    state[base + slot.MARK] = t;
    state[base + slot.LAST] = v;
    if (note !== undefined) this.lastTexts.set(series, note);
    const ring = (state[base + slot.RING] ?? 0) - 1;
    if (ring >= 0) this.rings.put(ring, t, v);
    if (this.listener.watched[series] === 1 && !this.isHistory)
      this.listener.onReading(series, t, v);
    if (t < (state[base + slot.CLOSED_TO] ?? 0)) return REOPENS;
    if (!Number.isNaN(v)) this.toBucket(series, base, t, v); // NaN (a text, a gap) is in no bucket
    return this.future.size > 0 && this.mayHaveCome(series, t) ? REOPENS : FRESH;
  }

  /** Whether the store may hold this very reading already, sent when it was still in the future. */
  private mayHaveCome(series: number, t: number): boolean {
    const future = this.future.get(series);
    const bucket = slot.bucketOf(t);
    return future !== undefined && bucket >= future.from && bucket <= future.to;
  }

  private toBucket(series: number, base: number, t: number, v: number): void {
    const { state } = this;
    const start = state[base + slot.BUCKET] ?? 0;
    if (!(t < start + slot.BUCKET_US)) {
      if (!Number.isNaN(start)) this.close(series, base);
      this.openBucket(series, base, t, v);
      return;
    }
    state[base + slot.COUNT] = (state[base + slot.COUNT] ?? 0) + 1;
    if (v < (state[base + slot.MIN] ?? 0)) state[base + slot.MIN] = v;
    if (v > (state[base + slot.MAX] ?? 0)) state[base + slot.MAX] = v;
    state[base + slot.SUM] = (state[base + slot.SUM] ?? 0) + v;
    state[base + slot.SUM_SQ] = (state[base + slot.SUM_SQ] ?? 0) + v * v;
    state[base + slot.NEWEST] = v;
    state[base + slot.NEWEST_AT] = t;
  }

  private openBucket(series: number, base: number, t: number, v: number): void {
    const { state, devices } = this;
    const start = slot.bucketOf(t);
    state[base + slot.BUCKET] = start;
    state[base + slot.COUNT] = 1;
    state[base + slot.MIN] = v;
    state[base + slot.MAX] = v;
    state[base + slot.SUM] = v;
    state[base + slot.SUM_SQ] = v * v;
    state[base + slot.FIRST] = v;
    state[base + slot.NEWEST] = v;
    state[base + slot.FIRST_AT] = t;
    state[base + slot.NEWEST_AT] = t;
    state[base + slot.DIRTY] = 0;
    this.openBuckets++;
    const device = state[base + slot.DEVICE] ?? 0;
    const end = start + slot.BUCKET_US;
    const isAhead = end > (devices.newestUs[device] ?? 0) - this.settings.latenessUs;
    if (isAhead && end < (devices.nextCloseUs[device] ?? 0)) devices.nextCloseUs[device] = end;
    const future = this.future.get(series);
    if (future && start >= future.from && start <= future.to) state[base + slot.DIRTY] = 1;
  }

  private close(series: number, base: number): void {
    const { state } = this;
    this.buckets.add(series, state, base);
    const start = state[base + slot.BUCKET] ?? 0;
    state[base + slot.CLOSED_TO] = start + slot.BUCKET_US;
    state[base + slot.BUCKET] = Number.NaN;
    this.openBuckets--;
    const future = this.future.get(series);
    if (future && future.to <= start) this.future.delete(series);
  }

  /** Closes the device's buckets that end at or before `closeUs`. */
  private closeUpTo(device: number, closeUs: number): void {
    const { state, devices } = this;
    let next = Number.POSITIVE_INFINITY;
    for (let s = devices.headSeries[device] ?? 0; s !== 0; s = devices.nextSeries[s] ?? 0) {
      const base = s * slot.SLOTS;
      const end = (state[base + slot.BUCKET] ?? 0) + slot.BUCKET_US;
      if (end <= closeUs) this.close(s, base);
      else if (end < next) next = end;
    }
    devices.nextCloseUs[device] = next;
  }

  private keepWaveform(wave: RowWaveform, series: number, atUs: number, isFresh: boolean): void {
    const { samples, shape, sampleRateHz } = wave;
    this.waveforms.push({ series, atUs, isFresh, samples, shape, sampleRateHz });
    this.samples += samples.length;
  }

  /** False when it is known already and goes nowhere. */
  private outOfOrder(
    series: number,
    t: number,
    v: number,
    note: string | undefined,
    aheadOf: number,
    sourceNo: number,
    tally: Tally,
  ): boolean {
    const base = series * slot.SLOTS;
    const mark = this.state[base + slot.MARK] ?? 0;
    const verdict =
      t > aheadOf
        ? "unknown"
        : t === mark
          ? this.atMark(series, base, t, v, note)
          : this.judge(base, t, v, note);
    if (verdict === "duplicate") {
      tally.duplicates++;
      return false;
    }
    this.toStore(series, t, v, note, sourceNo, tally, verdict === "overwrite");
    const bucket = slot.bucketOf(t);
    if (t > aheadOf) this.keepFuture(series, base, bucket);
    else if (this.state[base + slot.BUCKET] !== bucket) this.mayOpenLater(series, base, bucket);
    else if (verdict === "new") this.merge(base, t, v);
    else this.state[base + slot.DIRTY] = 1;
    return true;
  }

  /** So far the series' newest bucket holds only NaN; a number has come into it by way of the store. */
  private mayOpenLater(series: number, base: number, bucket: number): void {
    const { state } = this;
    const isNewest = bucket === slot.bucketOf(state[base + slot.MARK] ?? 0);
    if (isNewest && bucket >= (state[base + slot.CLOSED_TO] ?? 0))
      this.keepFuture(series, base, bucket);
  }

  /** Hands a reading to the store to decide; the bucket it falls in is computed there. */
  private toStore(
    series: number,
    t: number,
    v: number,
    note: string | undefined,
    sourceNo: number,
    tally: Tally,
    isOverwrite = false,
  ): void {
    if (isOverwrite) tally.overwrites++;
    else tally.late++;
    this.late.add(series, t, v, sourceNo);
    if (note !== undefined) this.texts.push({ series, atUs: t, text: note });
  }

  /** A reading at the series' mark: the same again, or another value. */
  private atMark(
    series: number,
    base: number,
    t: number,
    v: number,
    note: string | undefined,
  ): "duplicate" | "overwrite" {
    const { state } = this;
    const last = state[base + slot.LAST] ?? 0;
    const isSame =
      (last === v || (Number.isNaN(last) && Number.isNaN(v))) &&
      this.lastTexts.get(series) === note;
    if (isSame) return "duplicate";
    state[base + slot.LAST] = v;
    if (note !== undefined) this.lastTexts.set(series, note);
    const ring = (state[base + slot.RING] ?? 0) - 1;
    if (ring >= 0) this.rings.judge(ring, t, v);
    return "overwrite";
  }

  private judge(
    base: number,
    t: number,
    v: number,
    note: string | undefined,
  ): "duplicate" | "overwrite" | "new" | "unknown" {
    const { state } = this;
    // A text is more than its number says.
    if (note !== undefined || Number.isNaN(v)) return "unknown";
    const ring = (state[base + slot.RING] ?? 0) - 1;
    if (ring < 0) {
      const opened = this.rings.open(state[base + slot.MARK] ?? 0, state[base + slot.LAST] ?? 0);
      if (opened >= 0) state[base + slot.RING] = opened + 1;
      return "unknown";
    }
    const verdict = this.rings.judge(ring, t, v);
    if (verdict === "new") this.rings.put(ring, t, v);
    return verdict;
  }

  private merge(base: number, t: number, v: number): void {
    const { state } = this;
    state[base + slot.COUNT] = (state[base + slot.COUNT] ?? 0) + 1;
    if (v < (state[base + slot.MIN] ?? 0)) state[base + slot.MIN] = v;
    if (v > (state[base + slot.MAX] ?? 0)) state[base + slot.MAX] = v;
    state[base + slot.SUM] = (state[base + slot.SUM] ?? 0) + v;
    state[base + slot.SUM_SQ] = (state[base + slot.SUM_SQ] ?? 0) + v * v;
    if (t < (state[base + slot.FIRST_AT] ?? 0)) {
      state[base + slot.FIRST] = v;
      state[base + slot.FIRST_AT] = t;
    }
    if (t > (state[base + slot.NEWEST_AT] ?? 0)) {
      state[base + slot.NEWEST] = v;
      state[base + slot.NEWEST_AT] = t;
    }
  }

  private keepFuture(series: number, base: number, start: number): void {
    const known = this.future.get(series);
    if (known) {
      known.from = Math.min(known.from, start);
      known.to = Math.max(known.to, start);
    } else this.future.set(series, { from: start, to: start });
    if (this.state[base + slot.BUCKET] === start) this.state[base + slot.DIRTY] = 1;
  }

  /** A clock frame: closes the buckets of devices that have fallen silent. */
  clock(nowUs: number): void {
    const { devices, settings } = this;
    for (let device = 0; device < devices.count; device++) {
      if (!(nowUs - (devices.arrivedAtUs[device] ?? 0) >= settings.idleUs)) continue;
      this.closeUpTo(device, nowUs - settings.latenessUs);
    }
  }

  /** Open buckets by tenant number; walks all series. */
  openBucketsByTenant(): Record<number, number> {
    const { devices, state } = this;
    const counts: Record<number, number> = {};
    for (let device = 0; device < devices.count; device++) {
      const tenantNo = devices.tenantNo[device] ?? 0;
      for (let s = devices.headSeries[device] ?? 0; s !== 0; s = devices.nextSeries[s] ?? 0)
        if (!Number.isNaN(state[s * slot.SLOTS + slot.BUCKET] ?? Number.NaN))
          counts[tenantNo] = (counts[tenantNo] ?? 0) + 1;
    }
    return counts;
  }

  /** What has come together since the last time, for the store. */
  take(): {
    fresh: ReadingColumns;
    late: LateColumns;
    texts: ReadingText[];
    waveforms: SeriesWaveform[];
    buckets: BucketColumns;
  } {
    const fresh = joined(this.fresh, this.freshRows);
    const { texts, waveforms } = this;
    this.fresh = [];
    this.freshRows = 0;
    this.texts = [];
    this.waveforms = [];
    this.samples = 0;
    return { fresh, late: this.late.take(), texts, waveforms, buckets: this.buckets.take() };
  }

  private reserve(seriesNo: number): void {
    const needed = (seriesNo + 1) * slot.SLOTS;
    if (needed <= this.state.length) return;
    const size = Math.max(needed, this.state.length * 2);
    const wider = new Float64Array(new SharedArrayBuffer(size * 8));
    wider.set(this.state);
    this.state = wider;
  }
}

function joined(
  parts: readonly { series: Uint32Array; atUs: Float64Array; value: Float64Array }[],
  count: number,
): ReadingColumns {
  const only = parts[0];
  // Long enough to hand over as they are; a short one would drag its whole buffer along.
  if (parts.length === 1 && only && only.series.byteLength === only.series.buffer.byteLength)
    return { count, ...only };
  const series = new Uint32Array(count);
  const atUs = new Float64Array(count);
  const value = new Float64Array(count);
  let at = 0;
  for (const part of parts) {
    series.set(part.series, at);
    atUs.set(part.atUs, at);
    value.set(part.value, at);
    at += part.series.length;
  }
  return { count, series, atUs, value };
}
