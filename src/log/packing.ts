import {
  columnBytes,
  ESCAPE,
  FORM,
  NO_POWER,
  POWERS,
  PREFIX_BYTES,
  predicted,
  SLOTS,
} from "./column-form.ts";
import { HEADER_BYTES, type Header, readHeader } from "./frame.ts";
import { unpackFrames } from "./unpacking.ts";

const SAMPLE = 256;
const LEVEL = 1;

type Framed = { readonly at: number; readonly header: Header };

/** Growing words of one column. */
class Words {
  words = new Int32Array(4096);
  count = 0;

  /** Room for so many more; the words are then written from `count` on, which the writer moves. */
  reserve(more: number): Int32Array {
    if (this.count + more > this.words.length) {
      const wider = new Int32Array(Math.max(this.words.length * 2, this.count + more));
      wider.set(this.words.subarray(0, this.count));
      this.words = wider;
    }
    return this.words;
  }

  addDifferences(column: Int32Array | Uint32Array): void {
    const words = this.reserve(column.length);
    let at = this.count;
    let previous = 0;
    for (let row = 0; row < column.length; row++) {
      const own = column[row] ?? 0;
      words[at++] = zigzag((own - previous) | 0);
      previous = own;
    }
    this.count = at;
  }

  /** Byte planes: all lowest bytes, then the next ones. */
  planes(): Uint8Array {
    const { count, words } = this;
    const out = new Uint8Array(count * 4);
    for (let i = 0; i < count; i++) {
      const word = words[i] ?? 0;
      out[i] = word;
      out[count + i] = word >>> 8;
      out[2 * count + i] = word >>> 16;
      out[3 * count + i] = word >>> 24;
    }
    return out;
  }
}

const zigzag = (delta: number): number => (delta << 1) ^ (delta >> 31);
/** The whole number that is exactly the value times the power, or ESCAPE. */
function scaledExactly(value: number, power: number): number {
  const scaled = Math.round(value * power);
  if (scaled / power !== value || !(scaled > -2147483648 && scaled < 2147483648)) return ESCAPE;
  // Zero with a sign compares like the one without.
  return scaled !== 0 || 1 / value > 0 ? scaled : ESCAPE;
}

function framesOf(raw: Uint8Array): Framed[] | undefined {
  const frames: Framed[] = [];
  for (let at = 0; at < raw.length; ) {
    const header = readHeader(raw, at);
    if (header === undefined) return undefined;
    frames.push({ at, header });
    at += HEADER_BYTES + header.payloadBytes;
    if (at > raw.length) return undefined;
  }
  return frames;
}

/** The power that holds most of a sample of values, or NO_POWER when it escapes more than a quarter. */
function powerFor(values: Float64Array): number {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  let best = NO_POWER;
  let fewest = Number.POSITIVE_INFINITY;
  for (const [index, power] of POWERS.entries()) {
    let escaped = 0;
    let seen = 0;
    for (let i = 0; i < values.length; i += step, seen++)
      if (scaledExactly(values[i] ?? 0, power) === ESCAPE) escaped++;
    if (escaped < fewest && escaped * 4 <= seen) {
      fewest = escaped;
      best = index;
    }
    if (escaped === 0) break;
  }
  return best;
}

/** The columns of several readings frames, as they are packed. */
class Columns {
  readonly series = new Words();
  readonly times = new Words();
  readonly timesHigh = new Words();
  readonly values = new Words();
  readonly doublesLow = new Words();
  readonly doublesHigh = new Words();
  readonly lastValues = new Float64Array(SLOTS);
  readonly lastWords = new Int32Array(SLOTS * 2);

  addReadings(payload: Uint8Array, { count, isWide }: Header): number {
    // A copy, so that the columns are aligned.
    const { buffer } = payload.slice();
    const values = new Float64Array(buffer, 0, count);
    const timesBytes = count * (isWide ? 8 : 4);
    const series = new Uint32Array(buffer, count * 8 + timesBytes, count);
    if (isWide) this.addWide(new Float64Array(buffer, count * 8, count));
    else this.times.addDifferences(new Int32Array(buffer, count * 8, count));
    this.series.addDifferences(series);
    const power = powerFor(values);
    this.addValues(values, new Int32Array(buffer, 0, count * 2), series, power);
    return power;
  }

  private addWide(times: Float64Array): void {
    const low = this.times.reserve(times.length);
    const high = this.timesHigh.reserve(times.length);
    let previous = 0;
    for (let row = 0; row < times.length; row++) {
      const own = times[row] ?? 0;
      const delta = own - previous;
      const upper = Math.floor(delta / 2 ** 32);
      low[this.times.count++] = (delta - upper * 2 ** 32) | 0;
      high[this.timesHigh.count++] = zigzag(upper | 0);
      previous = own;
    }
  }

  private addValues(
    values: Float64Array,
    words: Int32Array,
    series: Uint32Array,
    powerIndex: number,
  ): void {
    const power = POWERS[powerIndex];
    const { lastValues, lastWords } = this;
    const out = this.values.reserve(values.length);
    const low = this.doublesLow.reserve(values.length);
    const high = this.doublesHigh.reserve(values.length);
    for (let row = 0; row < values.length; row++) {
      const slot = (series[row] ?? 0) & (SLOTS - 1);
      const value = values[row] ?? 0;
      let delta = ESCAPE;
      if (power !== undefined) {
        const scaled = scaledExactly(value, power);
        if (scaled !== ESCAPE) delta = (scaled - predicted(lastValues[slot] ?? 0, power)) | 0;
        out[this.values.count++] = zigzag(delta); // of ESCAPE it is -1
      }
      if (delta === ESCAPE) {
        const wordLow = words[row * 2] ?? 0;
        const wordHigh = words[row * 2 + 1] ?? 0;
        low[this.doublesLow.count++] = wordLow ^ (lastWords[slot * 2] ?? 0);
        high[this.doublesHigh.count++] = wordHigh ^ (lastWords[slot * 2 + 1] ?? 0);
        lastWords[slot * 2] = wordLow;
        lastWords[slot * 2 + 1] = wordHigh;
      }
      lastValues[slot] = value;
    }
  }

  parts(): Uint8Array[] {
    const { series, times, timesHigh, values, doublesLow, doublesHigh } = this;
    return [series, times, timesHigh, values, doublesLow, doublesHigh].map((w) => w.planes());
  }
}

function asColumns(raw: Uint8Array, frames: readonly Framed[]): Uint8Array {
  const columns = new Columns();
  const headers = new Uint8Array(frames.length * HEADER_BYTES);
  const powers = new Uint8Array(frames.length);
  const rest: Uint8Array[] = [];
  for (const [index, { at, header }] of frames.entries()) {
    headers.set(raw.subarray(at, at + HEADER_BYTES), index * HEADER_BYTES);
    const payload = raw.subarray(at + HEADER_BYTES, at + HEADER_BYTES + header.payloadBytes);
    if (header.kind === "readings") powers[index] = columns.addReadings(payload, header);
    rest.push(payload.subarray(columnBytes(header)));
  }
  const parts = [headers, powers, ...columns.parts(), Buffer.concat(rest)];
  const prefix = new Uint32Array(PREFIX_BYTES / 4);
  prefix[0] = FORM.columns;
  prefix[1] = frames.length;
  for (let i = 0; i < 6; i++) prefix[2 + i] = parts[2 + i]?.length ?? 0;
  return Buffer.concat([new Uint8Array(prefix.buffer), ...parts]);
}

/** Compresses frames that stand one behind the other. What comes back is compared before it is used. */
export function packFrames(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const frames = framesOf(raw);
  if (frames !== undefined) {
    const packed = new Uint8Array(Bun.zstdCompressSync(asColumns(raw, frames), { level: LEVEL }));
    const back = unpackFrames(packed, raw.length);
    if (back !== undefined && Buffer.compare(back, raw) === 0) return packed;
  }
  // Columns that no encoder of ours wrote: kept as they are.
  const plain = new Uint8Array(4 + raw.length);
  plain.set(raw, 4);
  return new Uint8Array(Bun.zstdCompressSync(plain, { level: LEVEL }));
}
