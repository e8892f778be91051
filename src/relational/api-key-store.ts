import { and, desc, eq, gt, isNull, or } from "drizzle-orm";
import type { ApiKeyStore, KeyFound } from "../domain/api-key.ts";
import { AppError } from "../domain/error.ts";
import { makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, isId, needId, one, plain, written } from "./rows.ts";
import { apiKeys, sources, tenants } from "./schema/plant.ts";
import { ensureSource } from "./source-store.ts";
import { newToken, tokenHash } from "./token.ts";

const columns = {
  id: apiKeys.id,
  name: apiKeys.name,
  scope: apiKeys.scope,
  sourceId: apiKeys.sourceId,
  prefix: apiKeys.prefix,
  createdAtUs: apiKeys.createdAtUs,
  expiresAtUs: apiKeys.expiresAtUs,
  lastUsedAtUs: apiKeys.lastUsedAtUs,
  revokedAtUs: apiKeys.revokedAtUs,
  version: apiKeys.version,
};

/** How often a key's last use is written down at most. */
const TOUCH_US = 60_000_000;
const PREFIX_LENGTH = 8;

export function createApiKeyStore(db: Database): ApiKeyStore {
  const own = (tenantId: string, id: string) =>
    and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, id));
  return {
    list: (who) =>
      db.withTenant(who, async (tx) =>
        (await tx.select(columns).from(apiKeys).orderBy(desc(apiKeys.id))).map(plain),
      ),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(apiKeys).where(own(who.tenantId, id));
        return row && plain(row);
      }),
    create(who, input, change) {
      const request = { action: "api-key.create", change, request: input, isSecret: true };
      return makeChange(db, who, request, async (x) => {
        const { name, scope, expiresAtUs } = input;
        if (name.trim() === "") throw new AppError("invalid", "key: the name is empty");
        const source = { name, kind: "line-protocol" } as const;
        const needsSource = scope !== "read" && input.sourceId === undefined;
        const made = needsSource ? await ensureSource(x, who.tenantId, source) : undefined;
        const sourceId = input.sourceId ?? made?.id;
        const token = newToken("fsk_", db.randomBytes);
        const prefix = token.slice(0, PREFIX_LENGTH);
        const row = {
          ...{ tenantId: who.tenantId, id: x.newId(), name, scope, sourceId, expiresAtUs },
          ...{ prefix, tokenHash: tokenHash(token), createdAtUs: x.atUs },
        };
        const key = plain(written(await x.tx.insert(apiKeys).values(row).returning(columns)));
        x.audit("api-key.create", key.id, undefined, key);
        x.notify("api-key", key.id);
        return { key, token };
      });
    },
    revoke: (who, id, change) =>
      makeChange(db, who, { action: "api-key.revoke", change, request: id }, async (x) => {
        needId(id, "key");
        const where = own(who.tenantId, id);
        const found = await x.tx.select(columns).from(apiKeys).where(where).for("update");
        const before = one(found, "key");
        checkVersion("key", before, change);
        if (before.revokedAtUs !== null) return plain(before);
        const set = { revokedAtUs: x.atUs, version: before.version + 1 };
        const after = written(await x.tx.update(apiKeys).set(set).where(where).returning(columns));
        x.audit("api-key.revoke", id, { revokedAtUs: null }, { revokedAtUs: x.atUs });
        x.notify("api-key", id);
        return plain(after);
      }),
    find: (token, from) => findKey(db, token, from),
  };
}

async function findKey(db: Database, token: string, from: string): Promise<KeyFound | undefined> {
  const nowUs = db.clock.nowUs();
  return db.withSystem(async (tx) => {
    const [row] = await tx
      .select({ key: apiKeys, sourceNo: sources.no, tenantNo: tenants.no })
      .from(apiKeys)
      .innerJoin(tenants, eq(tenants.id, apiKeys.tenantId))
      .leftJoin(
        sources,
        and(eq(sources.tenantId, apiKeys.tenantId), eq(sources.id, apiKeys.sourceId)),
      )
      .where(
        and(
          eq(apiKeys.tokenHash, tokenHash(token)),
          isNull(apiKeys.revokedAtUs),
          or(isNull(apiKeys.expiresAtUs), gt(apiKeys.expiresAtUs, nowUs)),
        ),
      );
    if (row === undefined) return undefined;
    const { key, tenantNo } = row;
    if (nowUs - (key.lastUsedAtUs ?? 0) > TOUCH_US)
      await tx
        .update(apiKeys)
        .set({ lastUsedAtUs: nowUs })
        .where(and(eq(apiKeys.tenantId, key.tenantId), eq(apiKeys.id, key.id)));
    const who = {
      tenantId: key.tenantId,
      tenantNo,
      kind: "key",
      id: key.id,
      name: key.name,
    } as const;
    const sourceNo = row.sourceNo ?? undefined;
    const none = { role: undefined, sessionId: undefined };
    const caller = { ...who, ...none, scope: key.scope, sourceNo, from };
    return { caller, sourceNo: sourceNo ?? 0, expiresAtUs: key.expiresAtUs ?? undefined };
  });
}
