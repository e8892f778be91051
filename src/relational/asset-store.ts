import { and, asc, count, eq, ilike, inArray, or, type SQL, sql as text } from "drizzle-orm";
import { type Actor, pageLimit } from "../domain/actor.ts";
import type { Asset, AssetFilter, AssetStore, NewAsset } from "../domain/asset.ts";
import { AppError } from "../domain/error.ts";
import { type Changing, difference, makeChange } from "./change.ts";
import { type Database, run, type Tx } from "./database.ts";
import {
  checkVersion,
  columnsOf,
  isId,
  needId,
  one,
  pageOf,
  patchOf,
  plain,
  written,
} from "./rows.ts";
import { assets, sensors } from "./schema/plant.ts";
import { workOrders } from "./schema/work.ts";

const columns = columnsOf(assets);
const ALL_MAX = 50_000;

const own = (tenantId: string, id: string) => and(eq(assets.tenantId, tenantId), eq(assets.id, id));

export function createAssetStore(db: Database): AssetStore {
  return {
    list: (who, filter = {}) => db.withTenant(who, (tx) => listAssets(tx, filter)),
    all: (who) =>
      db.withTenant(who, async (tx) => {
        const rows = await tx
          .select(columns)
          .from(assets)
          .orderBy(...BY_NAME)
          .limit(ALL_MAX);
        return rows.map(plain);
      }),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(assets).where(own(who.tenantId, id));
        return row && plain(row);
      }),
    byKey: (who, key) =>
      db.withTenant(who, async (tx) => {
        const [row] = await tx.select(columns).from(assets).where(eq(assets.key, key));
        return row && plain(row);
      }),
    create: (who, input, change) =>
      makeChange(db, who, { action: "asset.create", change, request: input }, (x) =>
        insertAsset(x, who.tenantId, input),
      ),
    upsert: (who, inputs) =>
      makeChange(db, who, { action: "asset.import", change: undefined, request: undefined }, (x) =>
        upsertAssets(x, who, inputs),
      ),
    update: (who, id, patch, change) =>
      makeChange(db, who, { action: "asset.update", change, request: [id, patch] }, async (x) => {
        needId(id, "asset");
        const found = await x.tx
          .select(columns)
          .from(assets)
          .where(own(who.tenantId, id))
          .for("update");
        const before = one(found, "asset");
        checkVersion("asset", before, change);
        return updateAsset(x, who.tenantId, plain(before), patch);
      }),
    remove: (who, id, change) =>
      makeChange(db, who, { action: "asset.remove", change, request: id }, async (x) => {
        needId(id, "asset");
        const where = own(who.tenantId, id);
        const found = await x.tx.select(columns).from(assets).where(where).for("update");
        const before = one(found, "asset");
        checkVersion("asset", before, change);
        await refuseUsed(x.tx, before);
        await x.tx.delete(assets).where(where);
        x.audit("asset.remove", id, before, undefined);
        x.notify("asset", id);
      }),
  };
}

const BY_NAME = [asc(assets.name), asc(assets.id)];

async function listAssets(tx: Tx, filter: AssetFilter) {
  const limit = pageLimit(filter);
  const where: (SQL | undefined)[] = [
    filter.typeId === undefined ? undefined : eq(assets.typeId, filter.typeId),
    filter.siteId === undefined ? undefined : eq(assets.siteId, filter.siteId),
    filter.criticality === undefined ? undefined : eq(assets.criticality, filter.criticality),
  ];
  if (filter.query) {
    const pattern = `%${filter.query.replace(/[\\%_]/g, "\\$&")}%`;
    where.push(or(ilike(assets.name, pattern), ilike(assets.key, pattern)));
  }
  if (filter.branch !== undefined) where.push(inBranch(filter.branch));
  if (filter.after !== undefined) where.push(afterMark(filter.after));
  const rows = await tx
    .select(columns)
    .from(assets)
    .where(and(...where))
    .orderBy(...BY_NAME)
    .limit(limit + 1);
  return pageOf(rows.map(plain), limit, (row) =>
    Buffer.from(JSON.stringify([row.name, row.id])).toString("base64url"),
  );
}

function inBranch(root: string): SQL {
  return text`${assets.id} in (
    with recursive branch as (
      select id from assets where id = ${root}
      union select a.id from assets a join branch on a.parent_id = branch.id
    ) select id from branch)`;
}

/** Rows behind the last one of the part before. @throws AppError "invalid" for a mark not ours. */
function afterMark(mark: string): SQL {
  try {
    const [name, id]: unknown[] = JSON.parse(Buffer.from(mark, "base64url").toString());
    if (typeof name === "string" && typeof id === "string" && isId(id))
      return text`(${assets.name}, ${assets.id}) > (${name}, ${id}::uuid)`;
  } catch {
    // not base64 of JSON: answered below like any other wrong mark
  }
  throw new AppError("invalid", "the place to go on from is not one of this list");
}

/** Makes an asset in a transaction that others share. */
export async function insertAsset(x: Changing, tenantId: string, input: NewAsset): Promise<Asset> {
  if (input.key.trim() === "") throw new AppError("invalid", "asset: the key is empty");
  const values = { ...defined(input), name: input.name || input.key };
  const row = { ...values, key: input.key, tenantId, id: x.newId(), createdAtUs: x.atUs };
  const asset = plain(written(await x.tx.insert(assets).values(row).returning(columns)));
  x.audit("asset.create", asset.id, undefined, asset);
  x.notify("asset", asset.id);
  return asset;
}

async function updateAsset(
  x: Changing,
  tenantId: string,
  before: Asset,
  patch: object & { parentId?: string | undefined },
): Promise<Asset> {
  if (patch.parentId !== undefined && patch.parentId !== before.parentId)
    await refuseCircle(x.tx, tenantId, before.id, patch.parentId);
  const set = { ...patchOf(assets, patch), version: before.version + 1 };
  const where = own(tenantId, before.id);
  const after = plain(written(await x.tx.update(assets).set(set).where(where).returning(columns)));
  const changed = difference(before, after);
  x.audit("asset.update", before.id, changed?.before, changed?.after);
  x.notify("asset", before.id);
  return after;
}

async function refuseCircle(tx: Tx, tenantId: string, id: string, parentId: string): Promise<void> {
  // One change of the tree at a time: two moves could close a circle that neither sees.
  await run(tx, text`select pg_advisory_xact_lock(hashtext('asset tree'), hashtext(${tenantId}))`);
  const above = await run<{ id: string }>(
    tx,
    text`
    with recursive up as (
      select id, parent_id from assets where id = ${parentId}
      union select a.id, a.parent_id from assets a join up on a.id = up.parent_id
    ) select id from up where id = ${id}`,
  );
  if (above.length > 0)
    throw new AppError("invalid", "asset: its parent lies below it; choose another one");
}

async function refuseUsed(tx: Tx, asset: Pick<Asset, "id" | "name">): Promise<void> {
  const [below] = await tx.select({ n: count() }).from(assets).where(eq(assets.parentId, asset.id));
  const [parts] = await tx
    .select({ n: count() })
    .from(sensors)
    .where(eq(sensors.assetId, asset.id));
  const [work] = await tx
    .select({ n: count() })
    .from(workOrders)
    .where(eq(workOrders.assetId, asset.id));
  const used = [
    ...(below?.n ? [`${below.n} assets below it`] : []),
    ...(parts?.n ? [`${parts.n} sensors`] : []),
    ...(work?.n ? [`${work.n} work orders`] : []),
  ];
  if (used.length > 0)
    throw new AppError("conflict", `asset ${asset.name} has ${used.join(", ")}; retire it instead`);
}

async function upsertAssets(x: Changing, who: Actor, inputs: readonly NewAsset[]) {
  const keys = inputs.map((input) => input.key);
  const found =
    keys.length === 0
      ? []
      : await x.tx.select(columns).from(assets).where(inArray(assets.key, keys)).for("update");
  const byKey = new Map(found.map((row) => [row.key, plain(row)]));
  const counts = { created: 0, updated: 0, unchanged: 0 };
  for (const input of inputs) {
    const before = byKey.get(input.key);
    if (before === undefined) {
      byKey.set(input.key, await insertAsset(x, who.tenantId, input));
      counts.created += 1;
      continue;
    }
    const patch = defined(input);
    if (difference(before, patch) === undefined) counts.unchanged += 1;
    else {
      byKey.set(input.key, await updateAsset(x, who.tenantId, before, patch));
      counts.updated += 1;
    }
  }
  const changed = [...new Set(keys)].map((key) => byKey.get(key));
  return { ...counts, assets: changed.filter((asset) => asset !== undefined) };
}

/** The fields that were given. */
function defined<T extends object>(input: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  // Only entries with a value are left; a key that is missing is optional in every input of ours.
  return Object.fromEntries(given) as { [K in keyof T]: Exclude<T[K], undefined> };
}
