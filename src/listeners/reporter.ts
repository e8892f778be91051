import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";

const SPACING_US = 60_000_000;
const WHATS_MAX = 100;

/** Tells the log of each kind of trouble at most once a minute, with how often it came. */
export class Reporter {
  private readonly told = new Map<string, { atUs: number; since: number }>();
  private readonly name: string;
  private readonly clock: Clock;
  private readonly logger: Logger;

  constructor(name: string, clock: Clock, logger: Logger) {
    this.name = name;
    this.clock = clock;
    this.logger = logger;
  }

  /** `what` is a sentence of ours, never text of a client: there are few. */
  note(what: string, from: string): void {
    const nowUs = this.clock.nowUs();
    const known = this.told.get(what);
    if (known !== undefined && nowUs - known.atUs < SPACING_US) {
      known.since++;
      return;
    }
    if (this.told.size >= WHATS_MAX) this.told.clear();
    this.told.set(what, { atUs: nowUs, since: 0 });
    const more = known === undefined || known.since === 0 ? {} : { sinceLastTold: known.since };
    this.logger.warn(`${this.name}: ${what}`, { from, ...more });
  }
}
