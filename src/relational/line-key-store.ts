import { generateKeyPairSync } from "node:crypto";
import { and, desc, eq, isNull } from "drizzle-orm";
import { AppError } from "../domain/error.ts";
import type { KnownLineKey, LineKeyStore, PrivateLineKey } from "../domain/line-key.ts";
import { makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, columnsOf, isId, needId, one, plain, written } from "./rows.ts";
import { lineKeys } from "./schema/line-keys.ts";
import { sources, tenants } from "./schema/plant.ts";
import { ensureSource } from "./source-store.ts";

const columns = columnsOf(lineKeys);
const KEY_ID_BYTES = 12;
/** How often a key's last use is written down at most. */
const TOUCH_US = 60_000_000;

export function createLineKeyStore(db: Database): LineKeyStore {
  const own = (tenantId: string, id: string) =>
    and(eq(lineKeys.tenantId, tenantId), eq(lineKeys.id, id));
  return {
    list: (who) =>
      db.withTenant(who, async (tx) =>
        (await tx.select(columns).from(lineKeys).orderBy(desc(lineKeys.id))).map(plain),
      ),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(lineKeys).where(own(who.tenantId, id));
        return row && plain(row);
      }),
    create(who, input, change) {
      const request = { action: "line-key.create", change, request: input, isSecret: true };
      return makeChange(db, who, request, async (x) => {
        const { name } = input;
        if (name.trim() === "") throw new AppError("invalid", "key: the name is empty");
        const source = { name, kind: "line-protocol" } as const;
        const sourceId = input.sourceId ?? (await ensureSource(x, who.tenantId, source)).id;
        const secret = drawKey(`fsl_${Buffer.from(db.randomBytes(KEY_ID_BYTES)).toString("hex")}`);
        const row = {
          ...{ tenantId: who.tenantId, id: x.newId(), name, sourceId, createdAtUs: x.atUs },
          ...{ keyId: secret.kid, x: secret.x, y: secret.y },
        };
        const key = plain(written(await x.tx.insert(lineKeys).values(row).returning(columns)));
        x.audit("line-key.create", key.id, undefined, key);
        x.notify("line-key", key.id);
        return { key, secret };
      });
    },
    revoke: (who, id, change) =>
      makeChange(db, who, { action: "line-key.revoke", change, request: id }, async (x) => {
        needId(id, "key");
        const where = own(who.tenantId, id);
        const found = await x.tx.select(columns).from(lineKeys).where(where).for("update");
        const before = one(found, "key");
        checkVersion("key", before, change);
        if (before.revokedAtUs !== null) return plain(before);
        const set = { revokedAtUs: x.atUs, version: before.version + 1 };
        const after = written(await x.tx.update(lineKeys).set(set).where(where).returning(columns));
        x.audit("line-key.revoke", id, { revokedAtUs: null }, { revokedAtUs: x.atUs });
        x.notify("line-key", id);
        return plain(after);
      }),
    find: (keyId) => findKey(db, keyId),
  };
}

/** A new key on P-256, in the form that QuestDB's clients take. */
function drawKey(kid: string): PrivateLineKey {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y, d } = privateKey.export({ format: "jwk" });
  if (x === undefined || y === undefined || d === undefined)
    throw new Error("a key on P-256 has no x, y and d");
  return { kty: "EC", crv: "P-256", kid, x, y, d };
}

function findKey(db: Database, keyId: string): Promise<KnownLineKey | undefined> {
  const nowUs = db.clock.nowUs();
  return db.withSystem(async (tx) => {
    const [row] = await tx
      .select({ key: lineKeys, sourceNo: sources.no, tenantNo: tenants.no })
      .from(lineKeys)
      .innerJoin(tenants, eq(tenants.id, lineKeys.tenantId))
      .innerJoin(
        sources,
        and(eq(sources.tenantId, lineKeys.tenantId), eq(sources.id, lineKeys.sourceId)),
      )
      .where(and(eq(lineKeys.keyId, keyId), isNull(lineKeys.revokedAtUs)));
    if (row === undefined) return undefined;
    const { key, sourceNo, tenantNo } = row;
    const { tenantId, id, x, y } = key;
    if (nowUs - (key.lastUsedAtUs ?? 0) > TOUCH_US)
      await tx
        .update(lineKeys)
        .set({ lastUsedAtUs: nowUs })
        .where(and(eq(lineKeys.tenantId, tenantId), eq(lineKeys.id, id)));
    return { tenantId, tenantNo, sourceNo, x, y };
  });
}
