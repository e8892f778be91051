import { eq } from "drizzle-orm";
import { AppError } from "../domain/error.ts";
import {
  isTenantSlug,
  isZone,
  type NewTenant,
  type Tenant,
  type TenantStore,
} from "../domain/tenant.ts";
import { createNotes, difference, makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, one, patchOf, written } from "./rows.ts";
import { tenants } from "./schema/plant.ts";

export function createTenantStore(db: Database): TenantStore {
  return {
    create: (input, by) =>
      db.withSystem(async (tx) => {
        check(input);
        const notes = createNotes(db, tx);
        const taken = await tx.select().from(tenants).where(eq(tenants.id, input.id));
        if (taken.length > 0) throw new AppError("conflict", `tenant ${input.id} exists already`);
        const row = {
          ...{ id: input.id, name: input.name, zone: input.zone ?? "UTC" },
          ...{ currency: input.currency ?? "EUR", createdAtUs: notes.changing.atUs },
        };
        const tenant = written(await tx.insert(tenants).values(row).returning());
        notes.changing.audit("tenant.create", tenant.id, undefined, tenant);
        await notes.write({ ...by, tenantId: tenant.id });
        return tenant;
      }),
    get: (id) =>
      db.withSystem(async (tx) => {
        const [row] = await tx.select().from(tenants).where(eq(tenants.id, id));
        return row;
      }),
    list: () => db.withSystem((tx) => tx.select().from(tenants).orderBy(tenants.no)),
    update: (who, patch, change) =>
      makeChange(db, who, { action: "tenant.update", change, request: patch }, async (x) => {
        check(patch);
        const own = eq(tenants.id, who.tenantId);
        const before = one(await x.tx.select().from(tenants).where(own).for("update"), "tenant");
        checkVersion("tenant", before, change);
        const set = { ...patchOf(tenants, patch), version: before.version + 1 };
        const after = written(await x.tx.update(tenants).set(set).where(own).returning());
        x.audit("tenant.update", after.id, difference(before, after)?.before, patch);
        return after;
      }),
  };
}

function check(input: Partial<NewTenant> & Partial<Pick<Tenant, "name">>): void {
  if (input.id !== undefined && !isTenantSlug(input.id))
    throw new AppError(
      "invalid",
      `tenant ${input.id}: write 1 to 63 lower-case letters, digits and hyphens`,
    );
  if (input.name !== undefined && input.name.trim() === "")
    throw new AppError("invalid", "tenant: the name is empty");
  if (input.zone !== undefined && !isZone(input.zone))
    throw new AppError("invalid", `time zone ${input.zone}: write one such as Europe/Madrid`);
  if (input.currency !== undefined && !/^[A-Z]{3}$/.test(input.currency))
    throw new AppError(
      "invalid",
      `currency ${input.currency}: write its three letters, such as EUR`,
    );
}
