import type { StoredBucket } from "./lines.ts";

type Growing = { -readonly [K in keyof StoredBucket]: StoredBucket[K] };

/** Buckets by series and start, while readings or finer buckets are put into them, in order of time. */
export class Gathering {
  private readonly buckets = new Map<number, Map<number, Growing>>();

  at(series: number, startUs: number): StoredBucket | undefined {
    return this.buckets.get(series)?.get(startUs);
  }

  addReading(series: number, startUs: number, atUs: number, value: number): void {
    this.add(series, startUs, {
      ...{ n: 1, min: value, max: value, sum: value, sumSq: value * value },
      ...{ first: value, last: value, firstAtUs: atUs, lastAtUs: atUs },
    });
  }

  add(series: number, startUs: number, part: StoredBucket): void {
    const own = this.buckets.get(series) ?? new Map<number, Growing>();
    this.buckets.set(series, own);
    const known = own.get(startUs);
    if (known === undefined) {
      own.set(startUs, { ...part });
      return;
    }
    known.n += part.n;
    known.sum += part.sum;
    known.sumSq += part.sumSq;
    known.min = Math.min(known.min, part.min);
    known.max = Math.max(known.max, part.max);
    if (part.firstAtUs < known.firstAtUs) {
      known.first = part.first;
      known.firstAtUs = part.firstAtUs;
    }
    if (part.lastAtUs >= known.lastAtUs) {
      known.last = part.last;
      known.lastAtUs = part.lastAtUs;
    }
  }
}

/** A span of time in µs, its end left out. */
export type Span = { readonly fromUs: number; readonly toUs: number };

/** Spans that hold all these, joined where they are less than `gapUs` apart: one query for each. */
export function joinedSpans(spans: readonly Span[], gapUs: number): Span[] {
  const joined: { fromUs: number; toUs: number }[] = [];
  for (const { fromUs, toUs } of [...spans].sort((a, b) => a.fromUs - b.fromUs)) {
    const last = joined.at(-1);
    if (last !== undefined && fromUs - last.toUs <= gapUs) last.toUs = Math.max(last.toUs, toUs);
    else joined.push({ fromUs, toUs });
  }
  return joined;
}
