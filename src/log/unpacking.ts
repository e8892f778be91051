import {
  columnBytes,
  FORM,
  NO_POWER,
  POWERS,
  PREFIX_BYTES,
  predicted,
  SLOTS,
} from "./column-form.ts";
import { HEADER_BYTES, type Header, readHeader } from "./frame.ts";

function wordsOf(planes: Uint8Array): Int32Array {
  const count = planes.length / 4;
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++)
    out[i] =
      (planes[i] ?? 0) |
      ((planes[count + i] ?? 0) << 8) |
      ((planes[2 * count + i] ?? 0) << 16) |
      ((planes[3 * count + i] ?? 0) << 24);
  return out;
}

const unzigzag = (word: number): number => (word >>> 1) ^ -(word & 1);

/** What `packFrames` was given; undefined when the bytes are not what it made. */
export function unpackFrames(packed: Uint8Array, rawBytes: number): Uint8Array | undefined {
  try {
    const bytes = new Uint8Array(Bun.zstdDecompressSync(packed.slice()));
    const form = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const raw = form === FORM.plain ? bytes.subarray(4) : fromColumns(bytes, rawBytes);
    return raw.length === rawBytes ? raw : undefined;
  } catch {
    return undefined; // no zstd, or no columns: the caller names the place
  }
}

function fromColumns(bytes: Uint8Array, rawBytes: number): Uint8Array {
  const prefix = new Uint32Array(bytes.slice(0, PREFIX_BYTES).buffer);
  const frames = prefix[1] ?? 0;
  let at = PREFIX_BYTES;
  const take = (length: number): Uint8Array => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const headers = take(frames * HEADER_BYTES);
  const powers = take(frames);
  const columns = Array.from({ length: 6 }, (_, i) => wordsOf(take(prefix[2 + i] ?? 0)));
  return new Unpacking(headers, powers, columns, bytes.subarray(at)).frames(rawBytes);
}

/** Puts the columns back into their frames, in order. */
class Unpacking {
  private readonly at = new Int32Array(6);
  private restAt = 0;
  private readonly lastValues = new Float64Array(SLOTS);
  private readonly lastWords = new Int32Array(SLOTS * 2);
  private readonly headers: Uint8Array;
  private readonly powers: Uint8Array;
  private readonly columns: readonly Int32Array[];
  private readonly rest: Uint8Array;

  constructor(
    headers: Uint8Array,
    powers: Uint8Array,
    columns: readonly Int32Array[],
    rest: Uint8Array,
  ) {
    this.headers = headers;
    this.powers = powers;
    this.columns = columns;
    this.rest = rest;
  }

  frames(rawBytes: number): Uint8Array {
    const raw = new Uint8Array(rawBytes);
    let at = 0;
    for (let index = 0; index < this.powers.length; index++) {
      const header = readHeader(this.headers, index * HEADER_BYTES);
      if (header === undefined) throw new Error("a header does not fit its checksum");
      raw.set(this.headers.subarray(index * HEADER_BYTES, (index + 1) * HEADER_BYTES), at);
      at += HEADER_BYTES;
      const columns = columnBytes(header);
      if (columns > 0) raw.set(this.readings(header, this.powers[index] ?? NO_POWER), at);
      const length = header.payloadBytes - columns;
      raw.set(this.rest.subarray(this.restAt, this.restAt + length), at + columns);
      this.restAt += length;
      at += header.payloadBytes;
    }
    return raw.subarray(0, at);
  }

  private next(column: number): number {
    const at = this.at[column] ?? 0;
    this.at[column] = at + 1;
    return this.columns[column]?.[at] ?? 0;
  }

  private readings(header: Header, power: number): Uint8Array {
    const { count, isWide } = header;
    const out = new Uint8Array(columnBytes(header));
    const series = new Uint32Array(out.buffer, count * (isWide ? 16 : 12), count);
    let own = 0;
    for (let row = 0; row < count; row++) {
      own = (own + unzigzag(this.next(0))) | 0;
      series[row] = own;
    }
    if (isWide) this.wide(new Float64Array(out.buffer, count * 8, count));
    else this.offsets(new Int32Array(out.buffer, count * 8, count));
    const values = new Float64Array(out.buffer, 0, count);
    this.values(values, new Int32Array(out.buffer, 0, count * 2), series, POWERS[power]);
    return out;
  }

  private offsets(offsets: Int32Array): void {
    let own = 0;
    for (let row = 0; row < offsets.length; row++) {
      own = (own + unzigzag(this.next(1))) | 0;
      offsets[row] = own;
    }
  }

  private wide(times: Float64Array): void {
    let own = 0;
    for (let row = 0; row < times.length; row++) {
      own += unzigzag(this.next(2)) * 2 ** 32 + (this.next(1) >>> 0);
      times[row] = own;
    }
  }

  private values(
    values: Float64Array,
    words: Int32Array,
    series: Uint32Array,
    power: number | undefined,
  ): void {
    const { lastValues, lastWords } = this;
    for (let row = 0; row < values.length; row++) {
      const slot = (series[row] ?? 0) & (SLOTS - 1);
      const word = power === undefined ? -1 : this.next(3);
      if (word !== -1 && power !== undefined) {
        const scaled = (predicted(lastValues[slot] ?? 0, power) + unzigzag(word)) | 0;
        values[row] = scaled / power;
      } else {
        const low = this.next(4) ^ (lastWords[slot * 2] ?? 0);
        const high = this.next(5) ^ (lastWords[slot * 2 + 1] ?? 0);
        words[row * 2] = low;
        words[row * 2 + 1] = high;
        lastWords[slot * 2] = low;
        lastWords[slot * 2 + 1] = high;
      }
      lastValues[slot] = values[row] ?? 0;
    }
  }
}
