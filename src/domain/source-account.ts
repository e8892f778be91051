import type { LateLedgerRow } from "./reading-store.ts";
import type { Ledger, Source } from "./source.ts";

/**
 * What became of every reading of a source, late ones included:
 * received = stored + known + corrected + undecided + refused + ignored.
 */
export type SourceAccount = {
  readonly received: number;
  /** New readings. */
  readonly stored: number;
  /** Sent before with the same value. */
  readonly known: number;
  /** Put another value in the place of an earlier one. */
  readonly corrected: number;
  /** Came late, and the series store has not yet compared them with what it holds. */
  readonly undecided: number;
  readonly refused: number;
  /** Left out by a mapping rule of the source. */
  readonly ignored: number;
  /** Came at or before the newest of their series; each is one of the kinds above as well. */
  readonly late: number;
  /** Refused lines in all; a line may hold several readings. */
  readonly quarantined: number;
  readonly lastReceivedAtUs: number | undefined;
};

export type AccountedSource = Source & { readonly account: SourceAccount };

/**
 * Joins what the fold counted with what the series store decided of late readings. The store may be ahead
 * of the ledger by a moment: what it has decided was received, so it counts as received.
 */
export function accountOf(
  ledger: Ledger,
  decided: Omit<LateLedgerRow, "sourceNo"> | undefined,
): SourceAccount {
  const { fresh = 0, duplicates = 0, overwrites = 0 } = decided ?? {};
  const decidedLate = fresh + duplicates + overwrites;
  const late = Math.max(ledger.late, decidedLate);
  return {
    received: ledger.received + late - ledger.late,
    stored: ledger.fresh + fresh,
    known: ledger.duplicates + duplicates,
    corrected: ledger.overwrites + overwrites,
    undecided: late - decidedLate,
    refused: ledger.rejected,
    ignored: ledger.ignored,
    late,
    quarantined: ledger.quarantined,
    lastReceivedAtUs: ledger.lastReceivedAtUs,
  };
}

/** Sources with their accounts. */
export function withAccounts(
  sources: readonly Source[],
  decided: readonly LateLedgerRow[],
): AccountedSource[] {
  return sources.map((source) => withAccount(source, decided));
}

/** One source with its account. */
export function withAccount(source: Source, decided: readonly LateLedgerRow[]): AccountedSource {
  const own = decided.find((row) => row.sourceNo === source.no);
  return { ...source, account: accountOf(source.ledger, own) };
}
