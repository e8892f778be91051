/** Settings of the level chart; the defaults were measured over many kinds of signals. */
export type LevelChartOptions = {
  /** Points at the start that raise nothing. */
  readonly silentPoints: number;
  /** Score above which a point is abnormal. */
  readonly limit: number;
};

export type LevelPoint = {
  /** Distance of the smoothed level from its median, in widths of its usual band; undefined at first. */
  readonly score: number | undefined;
  /** The first abnormal point of an event. */
  readonly isAlarm: boolean;
};

const HALF_LIFE = 6;
const MEMORY = 8000;
const FIRST_LIMITS = 100;
const EVERY = 25;
const RANGE_POINTS = 400;
const QUIET_POINTS = 100;

function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const below = sorted[low] ?? 0;
  return below + (at - low) * ((sorted[low + 1] ?? below) - below);
}

/**
 * One signal against its own past: an exponentially smoothed level (half-life 6 points) with limits from
 * the running 1 % and 99 % quantiles of the last 8,000 levels, renewed every 25 points.
 */
export class LevelChart {
  private readonly options: LevelChartOptions;
  private readonly ring = new Float64Array(MEMORY);
  private readonly first: number[] = [];
  private count = 0;
  private level = 0;
  private median = 0;
  private up = Number.POSITIVE_INFINITY;
  private down = Number.POSITIVE_INFINITY;
  private quietSince = 0;

  constructor(options: Partial<LevelChartOptions> = {}) {
    this.options = { silentPoints: 750, limit: 1.25, ...options };
  }

  /** Takes the next value; NaN is passed over. */
  push(value: number): LevelPoint {
    if (Number.isNaN(value)) return { score: undefined, isAlarm: false };
    const i = this.count++;
    if (i < RANGE_POINTS) this.first.push(value);
    const rate = 1 - 2 ** (-1 / HALF_LIFE);
    this.level = i === 0 ? value : this.level + rate * (value - this.level);
    this.ring[i % MEMORY] = this.level;
    if (this.count >= FIRST_LIMITS && (this.count - FIRST_LIMITS) % EVERY === 0) this.renewLimits();
    if (this.count < FIRST_LIMITS) return { score: undefined, isAlarm: false };
    const away = this.level - this.median;
    const score = away >= 0 ? away / this.up : -away / this.down;
    const isAbnormal = score > this.options.limit;
    const isAlarm =
      isAbnormal && i >= this.options.silentPoints && i - this.quietSince >= QUIET_POINTS;
    if (isAbnormal) this.quietSince = i + 1;
    return { score, isAlarm };
  }

  private renewLimits(): void {
    const sorted = this.ring.slice(0, Math.min(this.count, MEMORY)).sort();
    const range = Float64Array.from(this.first).sort();
    const floor = Math.max(1e-12, 0.02 * (quantile(range, 0.99) - quantile(range, 0.01)));
    this.median = quantile(sorted, 0.5);
    this.up = Math.max(quantile(sorted, 0.99) - this.median, floor);
    this.down = Math.max(this.median - quantile(sorted, 0.01), floor);
  }
}
