import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { and, desc, eq, isNull } from "drizzle-orm";
import type { Actor } from "../domain/actor.ts";
import { AppError } from "../domain/error.ts";
import type {
  KnownLineKey,
  LineKey,
  LineKeyStore,
  NewLineKey,
  PrivateLineKey,
} from "../domain/line-key.ts";
import { type Changing, makeChange } from "./change.ts";
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
        const secret = drawKey(drawKeyId(db));
        return { key: await insertKey(x, who, input, secret), secret };
      });
    },
    add: (who, input, change) =>
      makeChange(db, who, { action: "line-key.add", change, request: input }, async (x) => {
        checkPoint(input);
        return insertKey(x, who, input, { kid: drawKeyId(db), x: input.x, y: input.y });
      }),
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

const drawKeyId = (db: Database) =>
  `fsl_${Buffer.from(db.randomBytes(KEY_ID_BYTES)).toString("hex")}`;

async function insertKey(
  change: Changing,
  { tenantId }: Actor,
  input: NewLineKey,
  point: { readonly kid: string; readonly x: string; readonly y: string },
): Promise<LineKey> {
  const { name } = input;
  if (name.trim() === "") throw new AppError("invalid", "key: the name is empty");
  const source = { name, kind: "line-protocol" } as const;
  const sourceId = input.sourceId ?? (await ensureSource(change, tenantId, source)).id;
  const row = {
    ...{ tenantId, id: change.newId(), name, sourceId, createdAtUs: change.atUs },
    ...{ keyId: point.kid, x: point.x, y: point.y },
  };
  const key = plain(written(await change.tx.insert(lineKeys).values(row).returning(columns)));
  change.audit("line-key.create", key.id, undefined, key);
  change.notify("line-key", key.id);
  return key;
}

/** @throws AppError "invalid" unless x and y, in base64url, are a point of P-256. */
function checkPoint({ x, y }: Pick<LineKey, "x" | "y">): void {
  try {
    createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  } catch (cause) {
    throw new AppError(
      "invalid",
      "key: x and y are no point of P-256; send both as the key's JWK has them (base64url)",
      { cause },
    );
  }
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
