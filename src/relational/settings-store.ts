import { and, eq } from "drizzle-orm";
import { AppError } from "../domain/error.ts";
import type { SecretStore, SettingsStore } from "../domain/settings.ts";
import type { SecretBox } from "../lib/secret-box.ts";
import { makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion } from "./rows.ts";
import { secrets, settings } from "./schema/records.ts";

export function createSettingsStore(db: Database): SettingsStore {
  const columns = { value: settings.value, version: settings.version };
  return {
    get: (who, name) =>
      db.withTenant(who, async (tx) => {
        const [row] = await tx.select(columns).from(settings).where(eq(settings.name, name));
        return row;
      }),
    set: (who, name, value, change) =>
      makeChange(db, who, { action: "setting.set", change, request: [name, value] }, async (x) => {
        const where = and(eq(settings.tenantId, who.tenantId), eq(settings.name, name));
        const [before] = await x.tx.select(columns).from(settings).where(where).for("update");
        checkVersion("setting", before ?? { version: 0 }, change);
        const version = (before?.version ?? 0) + 1;
        await x.tx
          .insert(settings)
          .values({ tenantId: who.tenantId, name, value, version })
          .onConflictDoUpdate({
            target: [settings.tenantId, settings.name],
            set: { value, version },
          });
        x.audit("setting.set", name, before?.value, value);
        x.notify("setting", name);
        return { version };
      }),
  };
}

export function createSecretStore(db: Database, box: SecretBox): SecretStore {
  const context = (tenantId: string, name: string) => `${tenantId}/${name}`;
  return {
    names: (who) =>
      db.withTenant(who, (tx) =>
        tx
          .select({ name: secrets.name, setAtUs: secrets.setAtUs })
          .from(secrets)
          .orderBy(secrets.name),
      ),
    set: (who, name, value, change) =>
      makeChange(db, who, { action: "secret.set", change, request: name }, async (x) => {
        const set = { box: box.seal(value, context(who.tenantId, name)), setAtUs: x.atUs };
        await x.tx
          .insert(secrets)
          .values({ tenantId: who.tenantId, name, ...set })
          .onConflictDoUpdate({ target: [secrets.tenantId, secrets.name], set });
        x.audit("secret.set", name, undefined, undefined);
      }),
    reveal: (who, name) =>
      db.withTenant(who, async (tx) => {
        const [row] = await tx.select().from(secrets).where(eq(secrets.name, name));
        if (row === undefined) return undefined;
        try {
          return box.open(row.box, context(who.tenantId, name));
        } catch (cause) {
          throw new AppError(
            "internal",
            `secret ${name} was sealed with another key; put the old key file back or set it again`,
            { cause },
          );
        }
      }),
    remove: (who, name, change) =>
      makeChange(db, who, { action: "secret.remove", change, request: name }, async (x) => {
        await x.tx.delete(secrets).where(eq(secrets.name, name));
        x.audit("secret.remove", name, undefined, undefined);
      }),
  };
}
