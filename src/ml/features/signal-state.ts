import { SIGNAL_FEATURES } from "../../domain/feature.ts";

const WINDOW = 30;
const SHORT = 15;
const END = 5;
const EARLY = 10;
/** Rows before the end slope of a quadratic fit means anything. */
const QUADRATIC_ROWS = 8;
/** n, Σk..Σk⁴, Σz, Σkz, Σk²z of the valid rows k of this life. */
const SUMS = 8;
const WIDTH = SIGNAL_FEATURES.length;

/**
 * Features of every signal over one life, row after row, in constant time and memory a row:
 * m15 mean of the last 15 z; s30 least-squares slope of the last 30; d0 mean of the last 5 minus mean of
 * the first 10; ls slope over the whole life; q1 slope at the end of a quadratic fit of the whole life.
 * Missing values take no part; where nothing is left, the feature is NaN.
 */
export class SignalStates {
  private readonly count: number;
  private readonly ring: Float64Array;
  private readonly sums: Float64Array;
  private readonly earlySum: Float64Array;
  private readonly earlyCount: Float64Array;
  private rows = 0;

  constructor(signals: number) {
    this.count = signals;
    this.ring = new Float64Array(signals * WINDOW);
    this.sums = new Float64Array(signals * SUMS);
    this.earlySum = new Float64Array(signals);
    this.earlyCount = new Float64Array(signals);
  }

  /** Rows seen in this life. */
  get seen(): number {
    return this.rows;
  }

  reset(): void {
    this.rows = 0;
    this.sums.fill(0);
    this.earlySum.fill(0);
    this.earlyCount.fill(0);
  }

  /** Takes the next row's z by signal. */
  push(z: Float64Array): void {
    const k = this.rows;
    const slot = k % WINDOW;
    for (let j = 0; j < this.count; j++) {
      const value = z[j] ?? Number.NaN;
      this.ring[j * WINDOW + slot] = value;
      if (Number.isNaN(value)) continue;
      if (k < EARLY) {
        this.earlySum[j] = (this.earlySum[j] ?? 0) + value;
        this.earlyCount[j] = (this.earlyCount[j] ?? 0) + 1;
      }
      this.addSums(j * SUMS, k, value);
    }
    this.rows++;
  }

  private addSums(at: number, k: number, z: number): void {
    const s = this.sums; // `at` + 7 lies within it for every signal
    const k2 = k * k;
    s[at] = (s[at] as number) + 1;
    s[at + 1] = (s[at + 1] as number) + k;
    s[at + 2] = (s[at + 2] as number) + k2;
    s[at + 3] = (s[at + 3] as number) + k2 * k;
    s[at + 4] = (s[at + 4] as number) + k2 * k2;
    s[at + 5] = (s[at + 5] as number) + z;
    s[at + 6] = (s[at + 6] as number) + k * z;
    s[at + 7] = (s[at + 7] as number) + k2 * z;
  }

  /** Writes the features of the row pushed last, five a signal, from `at`. */
  write(out: Float32Array, at: number): void {
    for (let j = 0; j < this.count; j++) {
      const to = at + j * WIDTH;
      const level = this.lastMean(j, END);
      out[to] = this.lastMean(j, SHORT);
      out[to + 1] = this.windowSlope(j);
      out[to + 2] = level - (this.earlySum[j] ?? 0) / (this.earlyCount[j] ?? 0);
      out[to + 3] = this.wholeSlope(j * SUMS);
      out[to + 4] = this.endSlope(j * SUMS);
    }
  }

  private lastMean(j: number, length: number): number {
    let n = 0;
    let sum = 0;
    for (let k = Math.max(0, this.rows - length); k < this.rows; k++) {
      const value = this.ring[j * WINDOW + (k % WINDOW)] as number; // k % WINDOW lies in the ring
      if (Number.isNaN(value)) continue;
      n++;
      sum += value;
    }
    return n === 0 ? Number.NaN : sum / n;
  }

  private windowSlope(j: number): number {
    const first = Math.max(0, this.rows - WINDOW);
    let n = 0;
    let su = 0;
    let suu = 0;
    let sz = 0;
    let suz = 0;
    for (let k = first; k < this.rows; k++) {
      const value = this.ring[j * WINDOW + (k % WINDOW)] as number; // k % WINDOW lies in the ring
      if (Number.isNaN(value)) continue;
      const u = k - first;
      n++;
      su += u;
      suu += u * u;
      sz += value;
      suz += u * value;
    }
    if (n === 0) return Number.NaN;
    return n === 1 ? 0 : (n * suz - su * sz) / (n * suu - su * su);
  }

  private wholeSlope(at: number): number {
    const s = this.sums;
    const n = s[at] ?? 0;
    if (n === 0) return Number.NaN;
    if (n === 1) return 0;
    const k1 = s[at + 1] ?? 0;
    return (n * (s[at + 6] ?? 0) - k1 * (s[at + 5] ?? 0)) / (n * (s[at + 2] ?? 0) - k1 * k1);
  }

  private endSlope(at: number): number {
    const s = this.sums;
    const n = s[at] ?? 0;
    if (n === 0) return Number.NaN;
    if (n < QUADRATIC_ROWS) return 0;
    const c = (this.rows - 1) / 2;
    const h = this.rows / 2;
    const k1 = s[at + 1] ?? 0;
    const k2 = s[at + 2] ?? 0;
    const k3 = s[at + 3] ?? 0;
    const k4 = s[at + 4] ?? 0;
    const z0 = s[at + 5] ?? 0;
    const kz = s[at + 6] ?? 0;
    const kkz = s[at + 7] ?? 0;
    // Moments of u = (k - c) / h, which keeps the normal equations well scaled.
    const m1 = (k1 - c * n) / h;
    const m2 = (k2 - 2 * c * k1 + c * c * n) / h ** 2;
    const m3 = (k3 - 3 * c * k2 + 3 * c * c * k1 - c ** 3 * n) / h ** 3;
    const m4 = (k4 - 4 * c * k3 + 6 * c * c * k2 - 4 * c ** 3 * k1 + c ** 4 * n) / h ** 4;
    const y1 = (kz - c * z0) / h - (m1 / n) * z0;
    const y2 = (kkz - 2 * c * kz + c * c * z0) / h ** 2 - (m2 / n) * z0;
    const a = m2 - (m1 * m1) / n;
    const b = m3 - (m1 * m2) / n;
    const d = m4 - (m2 * m2) / n;
    const determinant = a * d - b * b;
    if (determinant <= 1e-9 * a * d) return 0; // the valid rows do not determine a parabola
    const linear = (y1 * d - y2 * b) / determinant;
    const square = (y2 * a - y1 * b) / determinant;
    return (linear + (2 * square * (this.rows - 1 - c)) / h) / h;
  }
}
