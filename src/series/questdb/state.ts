import { AppError } from "../../domain/error.ts";
import type { LateLedgerRow } from "../../domain/reading-store.ts";
import { FIVE_MINUTES_US } from "../duckdb/schema.ts";
import { addTime, type StoreState } from "../duckdb/state.ts";
import { metaLine } from "./lines.ts";
import { BUCKET_TIERS, SCHEMA_VERSION, type Tables } from "./schema.ts";
import type { Wire } from "./wire.ts";

/** What the writer knows without asking; as stored, but for a group that is under way. */
export type QuestdbState = StoreState & {
  readonly tenantOf: Map<number, number>;
  /** Tenants whose tables are there. */
  readonly tenants: Set<number>;
  /** Tenants whose table of waveforms is there. */
  readonly withWaveforms: Set<number>;
  /** What was decided and may be half written: it must be ended before anything else. */
  unfinished: Journal | undefined;
};

/**
 * What a group of batches with late readings comes to, decided once and written down before anything of
 * it: what late readings do depends on what is stored, so it cannot be found out again half way.
 */
export type Journal = {
  readonly sequence: number;
  /** Value and text of late readings to write, at their series and time. */
  readonly cells: readonly (readonly [number, number, number | string, string | null])[];
  /** 5-minute buckets to make from their readings. */
  readonly recompute: readonly (readonly [number, readonly number[]])[];
  /** 5-minute buckets that were written as they came: their hours and days are to be made. */
  readonly taken: readonly (readonly [number, readonly number[]])[];
  readonly rezoned: readonly number[];
  readonly zones: readonly (readonly [number, string])[];
  readonly ledger: readonly LateLedgerRow[];
  /** Starts that wait until their series has passed them, whole for each series named. */
  readonly pending: readonly (readonly [number, readonly number[]])[];
};

export const KEY = {
  ...{ cursor: "cursor", schema: "schema", journal: "journal" },
  owner: "owner",
} as const;
export const ledgerKey = (sourceNo: number): string => `ledger:${sourceNo}`;
export const pendingKey = (seriesNo: number): string => `pending:${seriesNo}`;

/** Rows of one answer. */
const PAGE_ROWS = 100_000;

/**
 * Reads the state from the tables; a journal that its group did not outlive is left to be finished.
 * @param owner names the installation; the tables belong to the first that opens them.
 * @throws AppError("conflict") when they belong to another.
 */
export async function loadState(
  wire: Wire,
  tables: Tables,
  owner: string | undefined,
): Promise<QuestdbState> {
  await wire.settled([tables.meta, tables.series, tables.zones]);
  const meta = await wire.query(`select key, text from ${tables.meta}`);
  const held = new Map(meta.map(([key, text]) => [String(key), String(text)]));
  const version = Number(held.get(KEY.schema) ?? SCHEMA_VERSION);
  if (version > SCHEMA_VERSION)
    throw new AppError(
      "unavailable",
      `the tables of ${tables.meta} in QuestDB were written by a later version of Foresight; start that one`,
    );
  if (!held.has(KEY.schema))
    await wire.write(metaLine(tables.meta, KEY.schema, String(SCHEMA_VERSION)));
  if (owner !== undefined) await claim(wire, tables, owner, held.get(KEY.owner));
  const sequence = Number(held.get(KEY.cursor) ?? 0);
  // Written by this store in this form.
  const journal = JSON.parse(held.get(KEY.journal) ?? "null") as Journal | null;
  const state: QuestdbState = {
    sequence,
    newestClosedUs: new Map(),
    pending: new Map(),
    zoneOf: new Map(),
    ledger: new Map(),
    tenantOf: new Map(),
    tenants: new Set(),
    withWaveforms: new Set(),
    unfinished: journal !== null && journal.sequence > sequence ? journal : undefined,
  };
  for (const [key, text] of held) {
    const [kind, no] = key.split(":");
    if (kind === "ledger") loadLedger(state, JSON.parse(text) as LateLedgerRow);
    if (kind === "pending")
      for (const start of JSON.parse(text) as number[]) addTime(state.pending, Number(no), start);
  }
  await loadSeries(wire, tables, state);
  await loadNewest(wire, tables, state);
  return state;
}

/** Two installations would each take the other's series numbers and cursor for its own. */
async function claim(wire: Wire, tables: Tables, owner: string, held = owner): Promise<void> {
  if (held !== owner)
    throw new AppError(
      "conflict",
      `the tables of ${tables.meta} in QuestDB belong to another installation of Foresight; ` +
        "name tables of your own with &prefix=NAME in the address",
    );
  await wire.write(metaLine(tables.meta, KEY.owner, owner));
}

/** Rows cannot be deleted: one of zeros is none. */
function loadLedger(state: QuestdbState, row: LateLedgerRow): void {
  if (row.fresh + row.duplicates + row.overwrites > 0) state.ledger.set(row.sourceNo, row);
}

/**
 * Reads each series' newest closed bucket. Buckets may have been written whose group was not ended: a
 * start that waits to be passed lies beyond what counts as closed, so that it is passed again.
 */
export async function loadNewest(wire: Wire, tables: Tables, state: QuestdbState): Promise<void> {
  for (const tenantNo of state.tenants)
    for (const [series, newest] of await wire.query(
      `select series, max(ts)::long from ${tables.buckets(tenantNo, "5m")} group by series`,
    )) {
      const no = Number(series);
      const waiting = [...(state.pending.get(no) ?? [])];
      const least = waiting.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
      state.newestClosedUs.set(no, Math.min(Number(newest), least - FIVE_MINUTES_US));
    }
}

async function findWaveforms(
  wire: Wire,
  tables: Tables,
  { withWaveforms }: QuestdbState,
  tenantNo: number,
): Promise<void> {
  const table = tables.waveforms(tenantNo);
  const [row] = await wire.query(`select count() from tables() where table_name = '${table}'`);
  if (Number(row?.[0]) === 0) return;
  await wire.settled([table]);
  withWaveforms.add(tenantNo);
}

async function loadSeries(wire: Wire, tables: Tables, state: QuestdbState): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await wire.query(
      `select series, tenant from ${tables.series} where ts > ${after} order by ts limit ${PAGE_ROWS}`,
    );
    for (const [no, tenantNo] of rows) {
      state.zoneOf.set(Number(no), "UTC");
      state.tenantOf.set(Number(no), Number(tenantNo));
    }
    if (rows.length < PAGE_ROWS) break;
    after = Number(rows.at(-1)?.[0]);
  }
  for (const tenantNo of new Set(state.tenantOf.values())) {
    const names = [
      tables.readings(tenantNo),
      ...BUCKET_TIERS.map((tier) => tables.buckets(tenantNo, tier)),
    ];
    const list = names.map((name) => `'${name}'`).join(",");
    const [row] = await wire.query(`select count() from tables() where table_name in (${list})`);
    // A stop in the middle of their making: they are made again with the tenant's next series.
    if (Number(row?.[0]) !== names.length) continue;
    await wire.settled(names);
    state.tenants.add(tenantNo);
    await findWaveforms(wire, tables, state, tenantNo);
  }
  for (let after = 0; ; ) {
    const rows = await wire.query(
      `select series, zone from ${tables.zones} where ts > ${after} order by ts limit ${PAGE_ROWS}`,
    );
    for (const [no, zone] of rows) state.zoneOf.set(Number(no), String(zone));
    if (rows.length < PAGE_ROWS) break;
    after = Number(rows.at(-1)?.[0]);
  }
}
