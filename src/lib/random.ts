/** A seeded stream of random numbers: the same seed gives the same numbers on every machine. */
export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  int(bound: number): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Standard normal. */
  normal(): number;
  /** One of `items`; throws RangeError when there are none. */
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy. */
  shuffled<T>(items: readonly T[]): T[];
  /** A stream of its own, which does not depend on how much was drawn from this one. */
  fork(label: number): Random;
};

/** Mixes two 32-bit integers into one (the finaliser of MurmurHash3 over a Weyl step). */
export function hash32(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Uniform in [0, 1) as a function of seed and index, without a state: the same at any order of asking. */
export function uniformAt(seed: number, index: number): number {
  return hash32(seed, index) / 4294967296;
}

/** Nearly normal (sum of three uniforms, at most ±3), mean 0, sd 1, as a function of seed and index. */
export function normalAt(seed: number, index: number): number {
  const h = hash32(seed, index);
  return ((h & 1023) + ((h >>> 10) & 1023) + ((h >>> 20) & 1023)) / 511.5 - 3;
}

/** Smooth noise over `x`: independent normals at the integers, joined by a smooth step. Sd about 0.86. */
export function smoothAt(seed: number, x: number): number {
  const cell = Math.floor(x);
  const part = x - cell;
  const left = normalAt(seed, cell);
  return left + (normalAt(seed, cell + 1) - left) * part * part * (3 - 2 * part);
}

/** xoshiro128** (Blackman and Vigna), its state filled by hashing the seed. */
export function createRandom(seed: number): Random {
  const root = hash32(seed >>> 0, Math.floor(seed / 4294967296) >>> 0);
  let a = hash32(root, 1);
  let b = hash32(root, 2);
  let c = hash32(root, 3);
  let d = hash32(root, 4) | 1; // the state must not be all zero
  const rotate = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits));
  const word = () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  };
  const next = () => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992;
  const int = (bound: number) => Math.floor(next() * bound);
  return {
    next,
    int,
    between: (low, high) => low + (high - low) * next(),
    // Box and Muller; 1 - next() is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick(items) {
      if (items.length === 0) throw new RangeError("pick: there is nothing to pick from");
      // The index is below the length, which is not 0.
      return items[int(items.length)] as (typeof items)[number];
    },
    shuffled<T>(items: readonly T[]) {
      const keyed = items.map((item) => ({ item, key: next() }));
      return keyed.sort((x, y) => x.key - y.key).map((entry) => entry.item);
    },
    fork: (label) => createRandom(hash32(root, label + 17)),
  };
}
