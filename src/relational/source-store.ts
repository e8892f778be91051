import { and, eq, isNotNull } from "drizzle-orm";
import { AppError } from "../domain/error.ts";
import type { NewSource, Source, SourceStore } from "../domain/source.ts";
import { SAMPLE_RATE_MOST_HZ } from "../domain/waveform.ts";
import { type Changing, difference, makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, columnsOf, isId, needId, one, patchOf, plain, written } from "./rows.ts";
import { sources } from "./schema/plant.ts";

const columns = columnsOf(sources);
type Row = Omit<typeof sources.$inferSelect, "tenantId">;

export function createSourceStore(db: Database): SourceStore {
  const own = (tenantId: string, id: string) =>
    and(eq(sources.tenantId, tenantId), eq(sources.id, id));
  return {
    list: (who) =>
      db.withTenant(who, async (tx) =>
        (await tx.select(columns).from(sources).orderBy(sources.name)).map(toSource),
      ),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(sources).where(own(who.tenantId, id));
        return row && toSource(row);
      }),
    create: (who, input, change) =>
      makeChange(db, who, { action: "source.create", change, request: input }, (x) =>
        insertSource(x, who.tenantId, input),
      ),
    ensure: (who, input) =>
      makeChange(db, who, { action: "source.create", change: undefined, request: input }, (x) =>
        ensureSource(x, who.tenantId, input),
      ),
    update: (who, id, patch, change) =>
      makeChange(db, who, { action: "source.update", change, request: [id, patch] }, async (x) => {
        needId(id, "source");
        const where = own(who.tenantId, id);
        const found = await x.tx.select(columns).from(sources).where(where).for("update");
        const before = one(found, "source");
        checkVersion("source", before, change);
        checkRate(patch.sampleRateHz);
        const set = { ...patchOf(sources, patch), version: before.version + 1 };
        const after = written(await x.tx.update(sources).set(set).where(where).returning(columns));
        const changed = difference(before, after);
        x.audit("source.update", id, changed?.before, changed?.after);
        x.notify("source", id);
        return toSource(after);
      }),
    sampleRates: () =>
      db.withSystem(async (tx) => {
        const { no, sampleRateHz } = sources;
        const set = await tx
          .select({ no, sampleRateHz })
          .from(sources)
          .where(isNotNull(sampleRateHz));
        return new Map(set.map((row) => [row.no, row.sampleRateHz ?? 0]));
      }),
  };
}

function checkRate(sampleRateHz: number | undefined): void {
  if (sampleRateHz !== undefined && !(sampleRateHz > 0 && sampleRateHz <= SAMPLE_RATE_MOST_HZ))
    throw new AppError(
      "invalid",
      `source: the sample rate must be above 0 and at most ${SAMPLE_RATE_MOST_HZ} Hz`,
    );
}

async function insertSource(x: Changing, tenantId: string, input: NewSource): Promise<Source> {
  if (input.name.trim() === "") throw new AppError("invalid", "source: the name is empty");
  const { name, kind, autoAdopt = false } = input;
  const row = { tenantId, id: x.newId(), name, kind, autoAdopt, createdAtUs: x.atUs };
  const source = toSource(written(await x.tx.insert(sources).values(row).returning(columns)));
  x.audit("source.create", source.id, undefined, { name, kind, autoAdopt, no: source.no });
  x.notify("source", source.id);
  return source;
}

/** The source of that kind and name, made in the same transaction when missing. */
export async function ensureSource(
  x: Changing,
  tenantId: string,
  input: NewSource,
): Promise<Source> {
  const named = and(eq(sources.name, input.name), eq(sources.kind, input.kind));
  const [found] = await x.tx.select(columns).from(sources).where(named);
  return found ? toSource(found) : insertSource(x, tenantId, input);
}

function toSource(row: Row): Source {
  const { received, fresh, duplicates, overwrites, late, rejected, ignored, ...rest } = plain(row);
  const { quarantined, replayed, removed, lastReceivedAtUs, ...source } = rest;
  const taken = { received, fresh, duplicates, overwrites, late, rejected, ignored };
  const sums = { ...taken, quarantined, replayed, removed };
  return { ...source, ledger: { ...sums, lastReceivedAtUs } };
}
