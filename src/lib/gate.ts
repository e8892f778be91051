/** Lets a few run at a time; a bounded number waits for its turn. */
export type Gate = {
  /** Runs it in its turn. @throws what `refusal` makes when too many wait already. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Refused since the start. */
  refused(): number;
};

/** @param limits.running may run at a time, `limits.waiting` more may wait, in order of arrival. */
export function createGate(
  limits: { readonly running: number; readonly waiting: number },
  refusal: () => Error,
): Gate {
  const waiting: (() => void)[] = [];
  let running = 0;
  let refused = 0;
  return {
    async run(work) {
      if (running < limits.running) running++;
      else if (waiting.length < limits.waiting)
        await new Promise<void>((resolve) => waiting.push(resolve));
      else {
        refused++;
        throw refusal();
      }
      try {
        return await work();
      } finally {
        // Whoever waits takes over the place, so that nobody slips in between.
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
    refused: () => refused,
  };
}
