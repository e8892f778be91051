const MASK = Int32Array.of(0, 0xff, 0xffff, 0xffffff);

/** Bytes that must be readable behind a matched key: the longest number, a time, and a word. */
export const SLACK = 64;

/**
 * Known line heads and field names by their bytes: `measurement,tags field=` in a tenant's realm, and
 * `field=` in its head's realm. Open addressing with the bytes verified, at most half full.
 * Each key remembers the key that followed it last time, so that a stream in the same order is
 * compared word by word with what it is expected to be and never hashed.
 */
export class KeyTable {
  count = 0;
  private arena = new Int32Array(1 << 12);
  private arenaUsed = 0;
  private slots = new Int32Array(1 << 10);
  private hashes = new Int32Array(1 << 10);
  private offset = new Int32Array(256);
  length = new Int32Array(256);
  private realm = new Float64Array(256);
  series = new Uint32Array(256);
  /** The key after this one, plus 1; 0 when none is known. For a head: the next line's head. */
  next = new Int32Array(256);
  /** For a head: its line's second field, plus 1. */
  child = new Int32Array(256);

  /** Whether the bytes at `p` are this key. Needs `p + length + SLACK <= view.byteLength`. */
  matches(view: DataView, p: number, id: number): boolean {
    const length = this.length[id] ?? 0;
    if (p + length + SLACK > view.byteLength) return false;
    const words = length >> 2;
    const { arena } = this;
    let at = this.offset[id] ?? 0;
    let q = p;
    for (let k = 0; k < words; k++, q += 4, at++)
      if (view.getInt32(q, true) !== arena[at]) return false;
    const rest = length & 3;
    return rest === 0 || ((view.getInt32(q, true) ^ (arena[at] ?? 0)) & (MASK[rest] ?? 0)) === 0;
  }

  /** The key with these bytes, or -1. Needs SLACK readable bytes behind it. */
  find(view: DataView, p: number, length: number, realm: number): number {
    const hash = hashOf(view, p, length, realm);
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = (this.slots[slot] ?? 0) - 1;
      if (id < 0) return -1;
      if (
        this.hashes[slot] === hash &&
        this.length[id] === length &&
        this.realm[id] === realm &&
        this.matches(view, p, id)
      )
        return id;
    }
  }

  /** Adds a key that `find` did not find; takes its bytes with care for the body's end. */
  add(bytes: Uint8Array, p: number, length: number, realm: number, series: number): number {
    const words = (length + 3) >> 2;
    this.reserve(words);
    const id = this.count++;
    const copy = new Uint8Array(this.arena.buffer, this.arenaUsed * 4, words * 4);
    copy.fill(0);
    copy.set(bytes.subarray(p, p + length));
    this.offset[id] = this.arenaUsed;
    this.length[id] = length;
    this.realm[id] = realm;
    this.series[id] = series;
    this.arenaUsed += words;
    const view = new DataView(this.arena.buffer);
    this.place(hashOf(view, (this.offset[id] ?? 0) * 4, length, realm), id);
    return id;
  }

  private place(hash: number, id: number): void {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = id + 1;
    this.hashes[slot] = hash;
  }

  private reserve(words: number): void {
    if (this.arenaUsed + words + SLACK > this.arena.length) {
      const twice = new Int32Array(Math.max(this.arena.length * 2, this.arenaUsed + words + SLACK));
      twice.set(this.arena);
      this.arena = twice;
    }
    if (this.count === this.length.length) {
      this.offset = wider(this.offset);
      this.length = wider(this.length);
      this.next = wider(this.next);
      this.child = wider(this.child);
      const realm = new Float64Array(this.count * 2);
      realm.set(this.realm);
      this.realm = realm;
      const series = new Uint32Array(this.count * 2);
      series.set(this.series);
      this.series = series;
    }
    if ((this.count + 1) * 2 > this.slots.length) this.rehash(this.slots.length * 2);
  }

  private rehash(size: number): void {
    const { slots, hashes } = this;
    this.slots = new Int32Array(size);
    this.hashes = new Int32Array(size);
    for (let slot = 0; slot < slots.length; slot++) {
      const id = (slots[slot] ?? 0) - 1;
      if (id >= 0) this.place(hashes[slot] ?? 0, id);
    }
  }
}

function wider(column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(column.length * 2);
  twice.set(column);
  return twice;
}

/** Murmur-like, a word at a time; reads up to 3 bytes past the key and masks them off. */
function hashOf(view: DataView, p: number, length: number, realm: number): number {
  let h = Math.imul((realm | 0) ^ length, 0x9e3779b1);
  const end = p + (length & ~3);
  let q = p;
  for (; q < end; q += 4) {
    h = Math.imul(h ^ view.getInt32(q, true), 0x5bd1e995);
    h ^= h >>> 15;
  }
  const rest = length & 3;
  if (rest !== 0) {
    h = Math.imul(h ^ (view.getInt32(q, true) & (MASK[rest] ?? 0)), 0x5bd1e995);
    h ^= h >>> 15;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
