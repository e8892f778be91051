import type { LedgerDelta } from "../domain/reading.ts";

/** A source's counts while they grow. */
export type Tally = { -readonly [K in keyof LedgerDelta]: LedgerDelta[K] };

/** What each source sent since the last time, and what became of it. */
export class Ledger {
  private tallies = new Map<string, Tally>();

  of(run: { tenantNo: number; sourceNo: number; receivedAtUs: number }): Tally {
    const key = `${run.tenantNo} ${run.sourceNo}`;
    let tally = this.tallies.get(key);
    if (tally === undefined) {
      tally = {
        sourceNo: run.sourceNo,
        tenantNo: run.tenantNo,
        received: 0,
        fresh: 0,
        duplicates: 0,
        overwrites: 0,
        late: 0,
        rejected: 0,
        lastReceivedAtUs: run.receivedAtUs,
      };
      this.tallies.set(key, tally);
    }
    tally.lastReceivedAtUs = Math.max(tally.lastReceivedAtUs, run.receivedAtUs);
    return tally;
  }

  get isEmpty(): boolean {
    return this.tallies.size === 0;
  }

  take(): LedgerDelta[] {
    const taken = [...this.tallies.values()];
    this.tallies = new Map();
    return taken;
  }
}
