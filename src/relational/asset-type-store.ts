import { and, eq } from "drizzle-orm";
import {
  ASSET_TYPE_DEFAULTS,
  type AssetType,
  type AssetTypeStore,
  type NewAssetType,
} from "../domain/asset-type.ts";
import { AppError } from "../domain/error.ts";
import { limitsInOrder } from "../domain/sensor.ts";
import { type Changing, difference, makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, columnsOf, isId, needId, one, patchOf, written } from "./rows.ts";
import { assetTypes } from "./schema/plant.ts";

const columns = columnsOf(assetTypes);

export function createAssetTypeStore(db: Database): AssetTypeStore {
  const own = (tenantId: string, id: string) =>
    and(eq(assetTypes.tenantId, tenantId), eq(assetTypes.id, id));
  return {
    list: (who) =>
      db.withTenant(who, (tx) => tx.select(columns).from(assetTypes).orderBy(assetTypes.name)),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(assetTypes).where(own(who.tenantId, id));
        return row;
      }),
    create: (who, input, change) =>
      makeChange(db, who, { action: "asset-type.create", change, request: input }, (x) =>
        insertType(x, who.tenantId, input),
      ),
    ensure: (who, input) =>
      makeChange(
        db,
        who,
        { action: "asset-type.create", change: {}, request: input },
        async (x) => {
          const named = eq(assetTypes.name, input.name);
          const [found] = await x.tx.select(columns).from(assetTypes).where(named);
          return found ?? insertType(x, who.tenantId, input);
        },
      ),
    update: (who, id, patch, change) =>
      makeChange(
        db,
        who,
        { action: "asset-type.update", change, request: [id, patch] },
        async (x) => {
          needId(id, "asset type");
          check(patch);
          const where = own(who.tenantId, id);
          const found = await x.tx.select(columns).from(assetTypes).where(where).for("update");
          const before = one(found, "asset type");
          checkVersion("asset type", before, change);
          const set = { ...patchOf(assetTypes, patch), version: before.version + 1 };
          const after = written(
            await x.tx.update(assetTypes).set(set).where(where).returning(columns),
          );
          const changed = difference(before, after);
          x.audit("asset-type.update", id, changed?.before, changed?.after);
          x.notify("asset-type", id);
          return after;
        },
      ),
  };
}

async function insertType(x: Changing, tenantId: string, input: NewAssetType): Promise<AssetType> {
  check(input);
  const row = {
    ...{ tenantId, id: x.newId(), name: input.name },
    clockUnit: input.clockUnit ?? ASSET_TYPE_DEFAULTS.clockUnit,
    clockStepUs: input.clockStepUs ?? ASSET_TYPE_DEFAULTS.clockStepUs,
    horizonSteps: input.horizonSteps ?? ASSET_TYPE_DEFAULTS.horizonSteps,
    settingsSignals: input.settingsSignals ?? [],
    defaultLimits: input.defaultLimits ?? {},
  };
  const type = written(await x.tx.insert(assetTypes).values(row).returning(columns));
  x.audit("asset-type.create", type.id, undefined, type);
  x.notify("asset-type", type.id);
  return type;
}

function check(input: Partial<NewAssetType>): void {
  if (input.name !== undefined && input.name.trim() === "")
    throw new AppError("invalid", "asset type: the name is empty");
  for (const steps of [input.clockStepUs, input.horizonSteps])
    if (steps !== undefined && !(Number.isInteger(steps) && steps > 0))
      throw new AppError("invalid", "asset type: steps are whole numbers above 0");
  for (const [sensor, limits] of Object.entries(input.defaultLimits ?? {}))
    if (!limitsInOrder(limits))
      throw new AppError("invalid", `asset type: the limits of ${sensor} are not in order`);
}
