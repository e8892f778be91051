import { and, eq } from "drizzle-orm";
import type { ConnectorStore } from "../domain/connector-store.ts";
import { difference, makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, columnsOf, isId, needId, one, patchOf, written } from "./rows.ts";
import { checkpoints, connectors } from "./schema/records.ts";
import { ensureSource } from "./source-store.ts";

const columns = columnsOf(connectors);

export function createConnectorStore(db: Database): ConnectorStore {
  const own = (tenantId: string, id: string) =>
    and(eq(connectors.tenantId, tenantId), eq(connectors.id, id));
  return {
    list: (who) =>
      db.withTenant(who, (tx) => tx.select(columns).from(connectors).orderBy(connectors.name)),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(connectors).where(own(who.tenantId, id));
        return row;
      }),
    create: (who, input, change) =>
      makeChange(db, who, { action: "connector.create", change, request: input }, async (x) => {
        const { name, plugin, settings, enabled } = input;
        const source = await ensureSource(x, who.tenantId, { name, kind: "connector" });
        const values = { name, plugin, settings, enabled, sourceId: source.id };
        const row = { tenantId: who.tenantId, id: x.newId(), ...values };
        const made = written(await x.tx.insert(connectors).values(row).returning(columns));
        x.audit("connector.create", made.id, undefined, made);
        x.notify("connector", made.id);
        return made;
      }),
    update: (who, id, patch, change) =>
      makeChange(
        db,
        who,
        { action: "connector.update", change, request: [id, patch] },
        async (x) => {
          needId(id, "connector");
          const where = own(who.tenantId, id);
          const found = await x.tx.select(columns).from(connectors).where(where).for("update");
          const before = one(found, "connector");
          checkVersion("connector", before, change);
          const set = { ...patchOf(connectors, patch), version: before.version + 1 };
          const after = written(
            await x.tx.update(connectors).set(set).where(where).returning(columns),
          );
          const changed = difference(before, after);
          x.audit("connector.update", id, changed?.before, changed?.after);
          x.notify("connector", id);
          return after;
        },
      ),
    remove: (who, id, change) =>
      makeChange(db, who, { action: "connector.remove", change, request: id }, async (x) => {
        needId(id, "connector");
        const where = own(who.tenantId, id);
        const found = await x.tx.select(columns).from(connectors).where(where).for("update");
        const before = one(found, "connector");
        checkVersion("connector", before, change);
        await x.tx.delete(connectors).where(where);
        await x.tx.delete(checkpoints).where(eq(checkpoints.key, id));
        x.audit("connector.remove", id, before, undefined);
        x.notify("connector", id);
      }),
    checkpoint: (who, key) =>
      db.withTenant(who, async (tx) => {
        const where = eq(checkpoints.key, key);
        const [row] = await tx.select().from(checkpoints).where(where);
        return row?.checkpoint;
      }),
    saveCheckpoint: (who, key, checkpoint) =>
      db.withTenant(who, async (tx) => {
        const set = { checkpoint, savedAtUs: db.clock.nowUs() };
        await tx
          .insert(checkpoints)
          .values({ tenantId: who.tenantId, key, ...set })
          .onConflictDoUpdate({ target: [checkpoints.tenantId, checkpoints.key], set });
      }),
  };
}
