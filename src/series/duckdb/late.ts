import type { LateColumns, ReadingText, StoreBatch } from "../../domain/reading.ts";
import { FIVE_MINUTES_US } from "./schema.ts";
import { addTime, type SeriesTimes } from "./state.ts";

/** What stands at one (series, time). */
export type Cell = {
  readonly value: number;
  readonly text: string | undefined;
  /** Where it stands: a hot row can be changed, others are hidden by a row of `replaced`. */
  readonly layer?: CellLayer;
};
export type CellLayer = "hot" | "frozen" | "sealed";
/** Cells by series and time. */
export type Cells = Map<number, Map<number, Cell>>;

export type LedgerDifference = { fresh: number; duplicates: number; overwrites: number };

/** What the late readings of a run of batches do to the table. */
export type LateDecision = {
  /** Rows that were not there. */
  readonly added: Cells;
  /** Rows that are there with another value or text; each says in which layer the old one stands. */
  readonly replaced: Cells;
  readonly ledger: Map<number, LedgerDifference>;
  /** For each batch, the 5-minute buckets whose content changed. */
  readonly touched: readonly SeriesTimes[];
};

export function cellAt(cells: Cells, seriesNo: number, atUs: number): Cell | undefined {
  return cells.get(seriesNo)?.get(atUs);
}

export function setCell(cells: Cells, seriesNo: number, atUs: number, cell: Cell): void {
  const known = cells.get(seriesNo);
  if (known) known.set(atUs, cell);
  else cells.set(seriesNo, new Map([[atUs, cell]]));
}

/** The (series, time) of all late readings. */
export function lateKeys(batches: readonly StoreBatch[]): SeriesTimes {
  const keys: SeriesTimes = new Map();
  for (const { late } of batches)
    for (let row = 0; row < late.count; row++)
      addTime(keys, late.series[row] ?? 0, late.atUs[row] ?? 0);
  return keys;
}

/**
 * Decides each late reading in the order in which it came: the same value (and text) as what stands
 * there is a duplicate, another one replaces it, and where nothing stands it is new.
 * @param stored the cells that the table holds at the late keys, fresh rows of these batches included.
 */
export function decideLate(
  batches: readonly { readonly late: LateColumns; readonly texts: DealtTexts["late"] }[],
  stored: Cells,
): LateDecision {
  const decision = {
    added: new Map() as Cells,
    replaced: new Map() as Cells,
    ledger: new Map<number, LedgerDifference>(),
    touched: batches.map(() => new Map() as SeriesTimes),
  };
  batches.forEach(({ late, texts }, index) => {
    const touched = decision.touched[index] ?? new Map();
    for (let row = 0; row < late.count; row++)
      decideRow(decision, stored, touched, { late, row, text: texts[row] });
  });
  return decision;
}

function decideRow(
  decision: Omit<LateDecision, "touched">,
  stored: Cells,
  touched: SeriesTimes,
  { late, row, text }: { late: LateColumns; row: number; text: string | undefined },
): void {
  const seriesNo = late.series[row] ?? 0;
  const atUs = late.atUs[row] ?? 0;
  const value = late.value[row] ?? Number.NaN;
  const ledger = ledgerOf(decision.ledger, late.source[row] ?? 0);
  const before = cellAt(stored, seriesNo, atUs);
  const added = cellAt(decision.added, seriesNo, atUs);
  const cell: Cell = { value, text, ...(before?.layer ? { layer: before.layer } : {}) };
  const current = added ?? cellAt(decision.replaced, seriesNo, atUs) ?? before;
  if (current && sameCell(current, cell)) {
    ledger.duplicates++;
    return;
  }
  if (current) ledger.overwrites++;
  else ledger.fresh++;
  setCell(before ? decision.replaced : decision.added, seriesNo, atUs, cell);
  // Buckets are of numbers: a state, which has none, changes no bucket.
  if (!Number.isNaN(cell.value) || (current && !Number.isNaN(current.value)))
    addTime(touched, seriesNo, Math.floor(atUs / FIVE_MINUTES_US) * FIVE_MINUTES_US);
}

function sameCell(a: Cell, b: Cell): boolean {
  // Zero and minus zero are the same reading; NaN is the value of every state.
  const sameValue = a.value === b.value || (Number.isNaN(a.value) && Number.isNaN(b.value));
  return sameValue && a.text === b.text;
}

function ledgerOf(ledger: Map<number, LedgerDifference>, sourceNo: number): LedgerDifference {
  const known = ledger.get(sourceNo);
  if (known) return known;
  const made = { fresh: 0, duplicates: 0, overwrites: 0 };
  ledger.set(sourceNo, made);
  return made;
}

/** A batch's texts by what they belong to: rows of `late`, and fresh readings. */
export type DealtTexts = {
  readonly late: readonly (string | undefined)[];
  readonly fresh: readonly ReadingText[];
};

/**
 * Deals out a batch's texts, which come in the order of its readings. A text may belong to a fresh
 * reading of the same key, which came before the late ones; so they are dealt out from the end.
 */
export function dealTexts({ late, texts }: StoreBatch): DealtTexts {
  if (late.count === 0 || texts.length === 0) return { late: [], fresh: texts };
  const byKey = new Map<string, number[]>();
  texts.forEach(({ series, atUs }, index) => {
    const list = byKey.get(`${series} ${atUs}`);
    if (list) list.push(index);
    else byKey.set(`${series} ${atUs}`, [index]);
  });
  const dealt = new Set<number>();
  const lateTexts: (string | undefined)[] = new Array(late.count).fill(undefined);
  for (let row = late.count - 1; row >= 0; row--) {
    if (!mayHaveText(late.value[row] ?? 0)) continue;
    const index = byKey.get(`${late.series[row]} ${late.atUs[row]}`)?.pop();
    if (index === undefined) continue;
    dealt.add(index);
    lateTexts[row] = texts[index]?.text;
  }
  return { late: lateTexts, fresh: texts.filter((_, index) => !dealt.has(index)) };
}

function mayHaveText(value: number): boolean {
  return Number.isNaN(value) || Math.abs(value) >= Number.MAX_SAFE_INTEGER;
}
