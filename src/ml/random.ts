function splitMix(state: number): number {
  let z = (state + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/** A seed for one task of many, so that the order in which tasks run changes nothing. */
export function mixSeed(seed: number, ...parts: readonly number[]): number {
  let state = splitMix(seed | 0);
  for (const part of parts) state = splitMix(state ^ Math.imul(part + 1, 0x85ebca6b));
  return state;
}

/** xoshiro128** (Blackman and Vigna): the same numbers for the same seed, everywhere. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: number) {
    this.a = splitMix(seed | 0);
    this.b = splitMix(this.a);
    this.c = splitMix(this.b);
    this.d = splitMix(this.c) | 1; // never all zero
  }

  /** Uniform over the 32-bit unsigned numbers. */
  bits(): number {
    const five = Math.imul(this.b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.bits() / 4294967296;
  }

  /** A whole number in [0, n). */
  int(n: number): number {
    return Math.floor(this.next() * n);
  }
}

/** `take` of 0..n-1 in ascending order, each subset equally likely (selection sampling). */
export function sampleSorted(n: number, take: number, random: Random): Int32Array {
  const out = new Int32Array(Math.min(n, take));
  let left = out.length;
  for (let i = 0; i < n && left > 0; i++) {
    if (random.next() * (n - i) < left) {
      out[out.length - left] = i;
      left--;
    }
  }
  return out;
}
