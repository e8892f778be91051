import { createHash } from "node:crypto";
import { and, desc, eq, max } from "drizzle-orm";
import type { Actor } from "../domain/actor.ts";
import { AppError } from "../domain/error.ts";
import type { ModelRow, ModelStore, NewModel } from "../domain/model-store.ts";
import { type Changing, makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, columnsOf, isId, needId, one, plain, written } from "./rows.ts";
import { modelRegistry } from "./schema/prediction.ts";

const { artifact: _, ...columns } = columnsOf(modelRegistry);
const ARTIFACT_BYTES_MAX = 256 * 1024 * 1024;

const own = (tenantId: string, id: string) =>
  and(eq(modelRegistry.tenantId, tenantId), eq(modelRegistry.id, id));
const ofTarget = (assetTypeId: string, target: string) =>
  and(eq(modelRegistry.assetTypeId, assetTypeId), eq(modelRegistry.target, target));

export function createModelStore(db: Database): ModelStore {
  return {
    list: (who, of = {}) =>
      db.withTenant(who, async (tx) => {
        const { assetTypeId, target } = of;
        const rows = await tx
          .select(columns)
          .from(modelRegistry)
          .where(
            and(
              assetTypeId === undefined ? undefined : eq(modelRegistry.assetTypeId, assetTypeId),
              target === undefined ? undefined : eq(modelRegistry.target, target),
            ),
          )
          .orderBy(desc(modelRegistry.trainedAtUs), desc(modelRegistry.id));
        return rows.map((row): ModelRow => plain(row));
      }),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(modelRegistry).where(own(who.tenantId, id));
        return row && plain(row);
      }),
    champion: (who, assetTypeId, target) =>
      db.withTenant(who, async (tx) => {
        if (!isId(assetTypeId)) return undefined;
        const where = and(ofTarget(assetTypeId, target), eq(modelRegistry.stage, "champion"));
        const [row] = await tx.select(columns).from(modelRegistry).where(where);
        return row && plain(row);
      }),
    add(who, model, change) {
      const { artifact, ...request } = model;
      const hash = createHash("sha256").update(artifact).digest("hex");
      const keyed = { action: "model.add", change, request: { ...request, hash } };
      return makeChange(db, who, keyed, (x) => insertModel(x, who, model, hash));
    },
    artifact: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx
          .select({ artifact: modelRegistry.artifact })
          .from(modelRegistry)
          .where(own(who.tenantId, id));
        return row && new Uint8Array(row.artifact);
      }),
    promote: (who, id, reason, change) =>
      makeChange(db, who, { action: "model.promote", change, request: [id, reason] }, async (x) => {
        const before = await lock(x, who, id, reason);
        checkVersion("model", before, change);
        if (before.stage === "champion") return plain(before);
        const { assetTypeId, target } = before;
        const champion = and(ofTarget(assetTypeId, target), eq(modelRegistry.stage, "champion"));
        const [former] = await x.tx
          .select({ id: modelRegistry.id })
          .from(modelRegistry)
          .where(champion)
          .for("update");
        if (former) await setStage(x, who, former.id, { stage: "retired" });
        const promoted = { promotedAtUs: x.atUs, promotedBy: who.name, reason };
        const after = await setStage(x, who, id, { stage: "champion", ...promoted });
        const stages = { stage: "champion", reason, former: former?.id };
        x.audit("model.promote", id, { stage: before.stage }, stages);
        return after;
      }),
    retire: (who, id, reason, change) =>
      makeChange(db, who, { action: "model.retire", change, request: [id, reason] }, async (x) => {
        const before = await lock(x, who, id, reason);
        checkVersion("model", before, change);
        const after = await setStage(x, who, id, { stage: "retired", reason });
        x.audit("model.retire", id, { stage: before.stage }, { stage: "retired", reason });
        return after;
      }),
  };
}

async function insertModel(
  x: Changing,
  who: Actor,
  model: NewModel,
  hash: string,
): Promise<ModelRow> {
  if (model.artifact.byteLength > ARTIFACT_BYTES_MAX)
    throw new AppError(
      "too-large",
      `model: ${model.artifact.byteLength} bytes; train a smaller one`,
    );
  const [last] = await x.tx
    .select({ number: max(modelRegistry.number) })
    .from(modelRegistry)
    .where(ofTarget(model.assetTypeId, model.target));
  const row = {
    ...{ ...model, tenantId: who.tenantId, id: x.newId(), stage: "challenger" as const },
    ...{ number: (last?.number ?? 0) + 1, hash, sizeBytes: model.artifact.byteLength },
  };
  const made = plain(written(await x.tx.insert(modelRegistry).values(row).returning(columns)));
  const { assetTypeId, target, learner, number } = made;
  x.audit("model.add", made.id, undefined, { assetTypeId, target, learner, number, hash });
  x.notify("model", made.id);
  return made;
}

async function lock(x: Changing, who: Actor, id: string, reason: string) {
  needId(id, "model");
  if (reason.trim() === "") throw new AppError("invalid", "model: say why");
  const where = own(who.tenantId, id);
  return one(await x.tx.select(columns).from(modelRegistry).where(where).for("update"), "model");
}

async function setStage(
  x: Changing,
  who: Actor,
  id: string,
  set: Partial<
    Pick<typeof modelRegistry.$inferInsert, "stage" | "promotedAtUs" | "promotedBy" | "reason">
  >,
): Promise<ModelRow> {
  const where = own(who.tenantId, id);
  const [row] = await x.tx
    .select({ version: modelRegistry.version })
    .from(modelRegistry)
    .where(where);
  const version = (row?.version ?? 0) + 1;
  const rows = await x.tx
    .update(modelRegistry)
    .set({ ...set, version })
    .where(where)
    .returning(columns);
  x.notify("model", id);
  return plain(written(rows));
}
