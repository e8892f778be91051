/** Rates over the last hours of counters that only rise, one by key. */
export type RateMeter = {
  /** Takes a counter's value at a time. */
  take(key: string, atUs: number, total: number): void;
  /** Per second, between one value and the next; the oldest first. */
  rates(key: string): { readonly atUs: readonly number[]; readonly perS: readonly number[] };
};

type Sample = { readonly atUs: number; readonly total: number };

/** Keeps at most `samples` values a key, spaced by at least `spacingUs`, of at most `maxKeys` keys. */
export function createRateMeter(options: {
  readonly samples: number;
  readonly spacingUs: number;
  readonly maxKeys: number;
}): RateMeter {
  const kept = new Map<string, Sample[]>();
  return {
    take(key, atUs, total) {
      const own = kept.get(key) ?? [];
      const last = own.at(-1);
      if (last !== undefined && atUs - last.atUs < options.spacingUs) return;
      if (!kept.has(key) && kept.size >= options.maxKeys) return;
      own.push({ atUs, total });
      if (own.length > options.samples) own.shift();
      kept.set(key, own);
    },
    rates(key) {
      const atUs: number[] = [];
      const perS: number[] = [];
      let before: Sample | undefined;
      for (const sample of kept.get(key) ?? []) {
        if (before !== undefined) {
          atUs.push(sample.atUs);
          perS.push(Math.max(0, sample.total - before.total) / ((sample.atUs - before.atUs) / 1e6));
        }
        before = sample;
      }
      return { atUs, perS };
    },
  };
}
