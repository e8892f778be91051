/** The only place that reads the machine's clock; everything else is given one. */
export type Clock = {
  /** µs since epoch. */
  nowUs(): number;
  /** Calls back every `periodMs`; returns a function that ends it. */
  every(periodMs: number, tick: () => void): () => void;
  /** Calls back once after `delayMs`; returns a function that prevents it. */
  after(delayMs: number, call: () => void): () => void;
};

export const systemClock: Clock = {
  nowUs: () => Date.now() * 1000,
  every(periodMs, tick) {
    const timer = setInterval(tick, periodMs);
    return () => clearInterval(timer);
  },
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until it is moved; due timers run in order while it moves. */
export function manualClock(startUs: number): Clock & { advanceMs(ms: number): void } {
  let nowUs = startUs;
  const timers = new Set<{ dueUs: number; periodUs: number | undefined; call: () => void }>();
  const add = (delayMs: number, periodUs: number | undefined, call: () => void) => {
    const timer = { dueUs: nowUs + delayMs * 1000, periodUs, call };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    nowUs: () => nowUs,
    every: (periodMs, tick) => add(periodMs, periodMs * 1000, tick),
    after: (delayMs, call) => add(delayMs, undefined, call),
    advanceMs(ms) {
      const endUs = nowUs + ms * 1000;
      for (;;) {
        const due = [...timers]
          .filter((t) => t.dueUs <= endUs)
          .sort((a, b) => a.dueUs - b.dueUs)[0];
        if (!due) break;
        nowUs = Math.max(nowUs, due.dueUs);
        if (due.periodUs === undefined) timers.delete(due);
        else due.dueUs += due.periodUs;
        due.call();
      }
      nowUs = endUs;
    },
  };
}
