import { AppError } from "../domain/error.ts";
import type { Clock } from "../lib/clock.ts";

/** Slows guessing of passwords down, per address. */
export type GuessGuard = {
  /** @throws AppError "unavailable" saying when the next try is taken. */
  before(key: string): void;
  failed(key: string): void;
  succeeded(key: string): void;
  /**
   * Makes a try: it counts as failed when `check` finds nothing. Tries that are made at the same moment
   * count before they have ended, so that nobody gets more of them by not waiting.
   * @throws AppError "unavailable" as `before` does, and what `check` throws.
   */
  tried<T>(key: string, check: () => Promise<T | undefined>): Promise<T | undefined>;
};

type Count = { failures: number; untilUs: number };

const FREE_TRIES = 5;
const FIRST_WAIT_US = 30_000_000;
const LONGEST_WAIT_US = 15 * 60_000_000;
const KEYS_MAX = 10_000;

/** After five failures each further one doubles the wait, from 30 s to 15 min. */
export function createGuessGuard(clock: Clock): GuessGuard {
  const counts = new Map<string, Count>();
  const underWay = new Map<string, number>();
  const guard: GuessGuard = {
    before(key) {
      const count = counts.get(key);
      const waitUs = (count?.untilUs ?? 0) - clock.nowUs();
      if (waitUs <= 0) return;
      const seconds = Math.ceil(waitUs / 1_000_000);
      throw new AppError("unavailable", `too many wrong passwords; try again in ${seconds} s`, {
        details: { waitS: seconds },
      });
    },
    failed(key) {
      const failures = (counts.get(key)?.failures ?? 0) + 1;
      const over = failures - FREE_TRIES;
      const waitUs = over < 0 ? 0 : Math.min(LONGEST_WAIT_US, FIRST_WAIT_US * 2 ** over);
      if (counts.size >= KEYS_MAX && !counts.has(key)) {
        const oldest = counts.keys().next().value;
        if (oldest !== undefined) counts.delete(oldest);
      }
      counts.set(key, { failures, untilUs: clock.nowUs() + waitUs });
    },
    succeeded: (key) => void counts.delete(key),
    async tried(key, check) {
      guard.before(key);
      const trying = underWay.get(key) ?? 0;
      if (trying > 0 && trying + (counts.get(key)?.failures ?? 0) >= FREE_TRIES)
        throw new AppError("unavailable", "too many sign-ins at once; try again in a moment", {
          details: { waitS: 1 },
        });
      underWay.set(key, trying + 1);
      try {
        const found = await check();
        if (found === undefined) guard.failed(key);
        else guard.succeeded(key);
        return found;
      } finally {
        const left = (underWay.get(key) ?? 1) - 1;
        if (left > 0) underWay.set(key, left);
        else underWay.delete(key);
      }
    },
  };
  return guard;
}
