import { and, eq } from "drizzle-orm";
import { AppError } from "../domain/error.ts";
import type { SiteStore } from "../domain/site.ts";
import { isZone } from "../domain/tenant.ts";
import { difference, makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, columnsOf, isId, needId, one, patchOf, written } from "./rows.ts";
import { assets, sites } from "./schema/plant.ts";

const columns = columnsOf(sites);

export function createSiteStore(db: Database): SiteStore {
  const own = (tenantId: string, id: string) => and(eq(sites.tenantId, tenantId), eq(sites.id, id));
  return {
    list: (who) => db.withTenant(who, (tx) => tx.select(columns).from(sites).orderBy(sites.name)),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(sites).where(own(who.tenantId, id));
        return row;
      }),
    create: (who, input, change) =>
      makeChange(db, who, { action: "site.create", change, request: input }, async (x) => {
        check(input);
        const row = { tenantId: who.tenantId, id: x.newId(), name: input.name, zone: input.zone };
        const site = written(await x.tx.insert(sites).values(row).returning(columns));
        x.audit("site.create", site.id, undefined, site);
        x.notify("site", site.id);
        return site;
      }),
    update: (who, id, patch, change) =>
      makeChange(db, who, { action: "site.update", change, request: [id, patch] }, async (x) => {
        needId(id, "site");
        check(patch);
        const where = own(who.tenantId, id);
        const before = one(
          await x.tx.select(columns).from(sites).where(where).for("update"),
          "site",
        );
        checkVersion("site", before, change);
        const set = { ...patchOf(sites, patch), version: before.version + 1 };
        const after = written(await x.tx.update(sites).set(set).where(where).returning(columns));
        const changed = difference(before, after);
        x.audit("site.update", id, changed?.before, changed?.after);
        x.notify("site", id);
        return after;
      }),
    remove: (who, id, change) =>
      makeChange(db, who, { action: "site.remove", change, request: id }, async (x) => {
        needId(id, "site");
        const where = own(who.tenantId, id);
        const before = one(
          await x.tx.select(columns).from(sites).where(where).for("update"),
          "site",
        );
        checkVersion("site", before, change);
        const used = await x.tx.$count(assets, eq(assets.siteId, id));
        if (used > 0)
          throw new AppError(
            "conflict",
            `site ${before.name}: ${used} assets stand there; move them first`,
          );
        await x.tx.delete(sites).where(where);
        x.audit("site.remove", id, before, undefined);
        x.notify("site", id);
      }),
  };
}

function check(input: { name?: string; zone?: string }): void {
  if (input.name !== undefined && input.name.trim() === "")
    throw new AppError("invalid", "site: the name is empty");
  if (input.zone !== undefined && !isZone(input.zone))
    throw new AppError("invalid", `time zone ${input.zone}: write one such as Europe/Madrid`);
}
