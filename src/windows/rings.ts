/** Readings remembered for a series that has sent one out of order. */
export const RING_READINGS = 64;

export type RingVerdict = "duplicate" | "overwrite" | "new" | "unknown";

/** All rings as plain columns, for a snapshot. */
export type RingMemory = {
  readonly count: number;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly heads: Uint32Array;
  readonly knownFrom: Float64Array;
};

/**
 * Recent (time, value) pairs of series that send out of order, so that most late readings are judged
 * without asking the store. Bounded: beyond `maxRings` series have none, and their late readings are
 * the store's to judge.
 */
export class Rings {
  private count = 0;
  private times = new Float64Array(0);
  private values = new Float64Array(0);
  private heads = new Uint32Array(0);
  /** Every reading of the series later than this is in its ring. */
  private knownFrom = new Float64Array(0);
  private readonly maxRings: number;

  constructor(maxRings: number) {
    this.maxRings = maxRings;
  }

  /** A new ring that knows of every reading after `markUs`, and the one at it; its index, or -1. */
  open(markUs: number, value: number): number {
    if (this.count >= this.maxRings) return -1;
    if (this.count === this.heads.length) this.reserve(Math.max(64, this.count * 2));
    const ring = this.count++;
    this.times.fill(Number.NaN, ring * RING_READINGS, (ring + 1) * RING_READINGS);
    this.heads[ring] = 0;
    this.knownFrom[ring] = Number.NEGATIVE_INFINITY;
    this.put(ring, markUs, value);
    // What came before the mark was not recorded.
    this.knownFrom[ring] = Math.max(this.knownFrom[ring] ?? 0, markBefore(markUs));
    return ring;
  }

  /** Remembers a reading; the oldest arrival makes room. */
  put(ring: number, atUs: number, value: number): void {
    const head = this.heads[ring] ?? 0;
    const at = ring * RING_READINGS + head;
    const evicted = this.times[at] ?? Number.NaN;
    if (evicted > (this.knownFrom[ring] ?? 0)) this.knownFrom[ring] = evicted;
    this.times[at] = atUs;
    this.values[at] = value;
    this.heads[ring] = (head + 1) % RING_READINGS;
  }

  /** What the ring knows of a reading; an overwritten value is replaced. */
  judge(ring: number, atUs: number, value: number): RingVerdict {
    const from = ring * RING_READINGS;
    for (let at = from; at < from + RING_READINGS; at++) {
      if (this.times[at] !== atUs) continue;
      const known = this.values[at] ?? 0;
      if (known === value || (Number.isNaN(known) && Number.isNaN(value))) return "duplicate";
      this.values[at] = value;
      return "overwrite";
    }
    return atUs > (this.knownFrom[ring] ?? 0) ? "new" : "unknown";
  }

  save(): RingMemory {
    const { count } = this;
    return {
      count,
      times: this.times.slice(0, count * RING_READINGS),
      values: this.values.slice(0, count * RING_READINGS),
      heads: this.heads.slice(0, count),
      knownFrom: this.knownFrom.slice(0, count),
    };
  }

  load(memory: RingMemory): void {
    this.count = 0;
    this.reserve(Math.max(64, memory.count));
    this.count = memory.count;
    this.times.set(memory.times);
    this.values.set(memory.values);
    this.heads.set(memory.heads);
    this.knownFrom.set(memory.knownFrom);
  }

  private reserve(rings: number): void {
    const { times, values, heads, knownFrom } = this;
    const used = Math.min(this.count, rings);
    this.times = new Float64Array(rings * RING_READINGS);
    this.times.set(times.subarray(0, used * RING_READINGS));
    this.values = new Float64Array(rings * RING_READINGS);
    this.values.set(values.subarray(0, used * RING_READINGS));
    this.heads = new Uint32Array(rings);
    this.heads.set(heads.subarray(0, used));
    this.knownFrom = new Float64Array(rings);
    this.knownFrom.set(knownFrom.subarray(0, used));
  }
}

/** Times are whole µs, so this is the last one before. */
const markBefore = (markUs: number): number => markUs - 1;
