import { and, asc, desc, eq, sql as text } from "drizzle-orm";
import type {
  NewPrediction,
  PredictionStore,
  StoredHealth,
  StoredPrediction,
} from "../domain/prediction-store.ts";
import { sendNotices } from "./change.ts";
import type { Database } from "./database.ts";
import { columnsOf, isId, plain } from "./rows.ts";
import { healthScores, predictions } from "./schema/prediction.ts";

const columns = columnsOf(predictions);
const healthColumns = columnsOf(healthScores);
const HISTORY_MAX = 1_000;
const ROWS_PER_STATEMENT = 500;

export function createPredictionStore(db: Database): PredictionStore {
  return {
    put: (who, items) =>
      db.withTenant(who, async (tx) => {
        const set = excluded(predictions, PREDICTED);
        for (const part of parts(newest(items, (p) => `${p.assetId} ${p.atUs} ${p.modelId}`))) {
          const rows = part.map((item) => ({ ...item, tenantId: who.tenantId, id: db.newId() }));
          const { tenantId, assetId, atUs, modelId } = predictions;
          const target = [tenantId, assetId, atUs, modelId];
          await tx.insert(predictions).values(rows).onConflictDoUpdate({ target, set });
        }
        await sendNotices(tx, [{ tenantId: who.tenantId, noun: "prediction", id: "" }]);
      }),
    putHealth: (who, scores) =>
      db.withTenant(who, async (tx) => {
        const set = excluded(healthScores, ["score", "parts"]);
        for (const part of parts(newest(scores, (s) => `${s.assetId} ${s.atUs}`))) {
          const rows = part.map((score) => ({ ...score, tenantId: who.tenantId }));
          const target = [healthScores.tenantId, healthScores.assetId, healthScores.atUs];
          await tx.insert(healthScores).values(rows).onConflictDoUpdate({ target, set });
        }
        await sendNotices(tx, [{ tenantId: who.tenantId, noun: "health", id: "" }]);
      }),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const where = and(eq(predictions.tenantId, who.tenantId), eq(predictions.id, id));
        const [row] = await tx.select(columns).from(predictions).where(where);
        return row && plain(row);
      }),
    latest: (who) =>
      db.withTenant(who, async (tx) => {
        const rows = await tx
          .selectDistinctOn([predictions.assetId], columns)
          .from(predictions)
          .orderBy(asc(predictions.assetId), desc(predictions.atUs), desc(predictions.id));
        return rows.map((row): StoredPrediction => plain(row));
      }),
    history: (who, assetId, limit = HISTORY_MAX) =>
      db.withTenant(who, async (tx) => {
        if (!isId(assetId)) return [];
        const rows = await tx
          .select(columns)
          .from(predictions)
          .where(eq(predictions.assetId, assetId))
          .orderBy(desc(predictions.atUs), desc(predictions.id))
          .limit(limit);
        return rows.reverse().map((row): StoredPrediction => plain(row));
      }),
    latestHealth: (who) =>
      db.withTenant(who, async (tx) =>
        tx
          .selectDistinctOn([healthScores.assetId], healthColumns)
          .from(healthScores)
          .orderBy(asc(healthScores.assetId), desc(healthScores.atUs)),
      ),
    healthHistory: (who, assetId, limit = HISTORY_MAX) =>
      db.withTenant(who, async (tx) => {
        if (!isId(assetId)) return [];
        const rows = await tx
          .select(healthColumns)
          .from(healthScores)
          .where(eq(healthScores.assetId, assetId))
          .orderBy(desc(healthScores.atUs))
          .limit(limit);
        return rows.reverse();
      }),
  };
}

const PREDICTED = [
  ...(["fallback", "failureChance", "horizonSteps", "remaining", "remainingLow"] as const),
  ...(["remainingHigh", "unit", "coverage", "explanation"] as const),
];

/** What an insert that meets an older row sets: the new values. */
function excluded(
  table: typeof predictions | typeof healthScores,
  keys: readonly string[],
): Record<string, ReturnType<typeof text>> {
  const columnOf = new Map(Object.entries(columnsOf(table)).map(([key, c]) => [key, c.name]));
  return Object.fromEntries(keys.map((key) => [key, text.raw(`excluded.${columnOf.get(key)}`)]));
}

/** One statement may not write a row twice: of equals the last wins. */
function newest<T extends NewPrediction | StoredHealth>(
  items: readonly T[],
  keyOf: (item: T) => string,
) {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

function* parts<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += ROWS_PER_STATEMENT)
    yield items.slice(start, start + ROWS_PER_STATEMENT);
}
