import { and, count, eq } from "drizzle-orm";
import type { Caller } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import {
  isEmail,
  type NewUser,
  normalEmail,
  PASSWORD_LENGTH_MIN,
  type SignedIn,
  type UserStore,
} from "../domain/user.ts";
import { type Changing, difference, makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, isId, needId, one, patchOf, plain, written } from "./rows.ts";
import { sessions, tenants, users } from "./schema/plant.ts";

/** OWASP's second choice for argon2id: 19 MiB, two passes. */
const HASHING = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

const columns = {
  id: users.id,
  email: users.email,
  name: users.name,
  role: users.role,
  disabled: users.disabled,
  createdAtUs: users.createdAtUs,
  lastSeenAtUs: users.lastSeenAtUs,
  version: users.version,
};

export function createUserStore(db: Database): UserStore {
  const own = (tenantId: string, id: string) => and(eq(users.tenantId, tenantId), eq(users.id, id));
  /** Checked in place of an unknown address's password, so that both take as long. */
  const decoy = Bun.password.hash("no one has this password", HASHING);
  return {
    list: (who) =>
      db.withTenant(who, async (tx) =>
        (await tx.select(columns).from(users).orderBy(users.email)).map(plain),
      ),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(users).where(own(who.tenantId, id));
        return row && plain(row);
      }),
    async create(who, input, change) {
      checkUser(input);
      const passwordHash = await hashPassword(input.password);
      const request = { email: input.email, name: input.name, role: input.role };
      return makeChange(db, who, { action: "user.create", change, request }, async (x) => {
        const row = {
          ...{ tenantId: who.tenantId, id: x.newId(), email: normalEmail(input.email) },
          ...{ name: input.name, role: input.role, passwordHash, createdAtUs: x.atUs },
        };
        const user = plain(written(await x.tx.insert(users).values(row).returning(columns)));
        x.audit("user.create", user.id, undefined, user);
        x.notify("user", user.id);
        return user;
      });
    },
    update: (who, id, patch, change) =>
      makeChange(db, who, { action: "user.update", change, request: [id, patch] }, async (x) => {
        needId(id, "user");
        const where = own(who.tenantId, id);
        const before = one(
          await x.tx.select(columns).from(users).where(where).for("update"),
          "user",
        );
        checkVersion("user", before, change);
        const set = { ...patchOf(users, patch), version: before.version + 1 };
        const after = written(await x.tx.update(users).set(set).where(where).returning(columns));
        if (before.role === "admin" && !before.disabled) await needAdmin(x);
        if (after.disabled) await x.tx.delete(sessions).where(eq(sessions.userId, id));
        const changed = difference(before, after);
        x.audit("user.update", id, changed?.before, changed?.after);
        x.notify("user", id);
        return plain(after);
      }),
    async setPassword(who, id, password, change) {
      needId(id, "user");
      const passwordHash = await hashPassword(password);
      await makeChange(db, who, { action: "user.password", change, request: id }, async (x) => {
        const where = own(who.tenantId, id);
        const before = one(
          await x.tx.select(columns).from(users).where(where).for("update"),
          "user",
        );
        checkVersion("user", before, change);
        await x.tx
          .update(users)
          .set({ passwordHash, version: before.version + 1 })
          .where(where);
        await x.tx.delete(sessions).where(eq(sessions.userId, id));
        x.audit("user.password", id, undefined, undefined);
      });
    },
    check: (email, password, tenantId) => checkPassword(db, decoy, email, password, tenantId),
    caller: (tenantId, userId, from) => findCaller(db, tenantId, userId, from),
  };
}

/** Tenants of one address whose passwords are tried at a sign-in. */
const MEMBERSHIPS_MAX = 20;

/** Every membership of the address whose password it is. */
async function checkPassword(
  db: Database,
  decoy: Promise<string>,
  email: string,
  password: string,
  tenantId: string | undefined,
): Promise<readonly SignedIn[]> {
  const found = await db.withSystem((tx) =>
    tx
      .select({
        ...columns,
        hash: users.passwordHash,
        tenantId: users.tenantId,
        tenant: tenants.name,
      })
      .from(users)
      .innerJoin(tenants, eq(tenants.id, users.tenantId))
      .where(
        and(
          eq(users.email, normalEmail(email)),
          eq(users.disabled, false),
          tenantId === undefined ? undefined : eq(users.tenantId, tenantId),
        ),
      )
      .limit(MEMBERSHIPS_MAX),
  );
  if (found.length === 0) await Bun.password.verify(password, await decoy);
  const signedIn: SignedIn[] = [];
  for (const { hash, tenantId: id, tenant, ...row } of found)
    if (await Bun.password.verify(password, hash))
      signedIn.push({ tenantId: id, tenantName: tenant, user: plain(row) });
  return signedIn;
}

async function findCaller(
  db: Database,
  tenantId: string,
  userId: string,
  from: string,
): Promise<Caller | undefined> {
  if (!isId(userId)) return undefined;
  return db.withTenant({ tenantId }, async (tx) => {
    const [row] = await tx
      .select({ name: users.name, role: users.role, no: tenants.no })
      .from(users)
      .innerJoin(tenants, eq(tenants.id, users.tenantId))
      .where(and(eq(users.id, userId), eq(users.disabled, false)));
    if (row === undefined) return undefined;
    const { name, role, no: tenantNo } = row;
    const who = { tenantId, tenantNo, kind: "jwt", id: userId, name } as const;
    return { ...who, role, scope: undefined, sessionId: undefined, sourceNo: undefined, from };
  });
}

function checkUser(input: NewUser): void {
  if (!isEmail(normalEmail(input.email)))
    throw new AppError("invalid", `user: ${input.email} is not a mail address`);
  if (input.name.trim() === "") throw new AppError("invalid", "user: the name is empty");
}

async function hashPassword(password: string): Promise<string> {
  if (password.length < PASSWORD_LENGTH_MIN)
    throw new AppError(
      "invalid",
      `the password is too short; take at least ${PASSWORD_LENGTH_MIN} characters`,
    );
  return Bun.password.hash(password, HASHING);
}

async function needAdmin(x: Changing): Promise<void> {
  // The lock on all admins lets two admins who disable each other meet.
  await x.tx.select({ id: users.id }).from(users).where(eq(users.role, "admin")).for("update");
  const enabled = and(eq(users.role, "admin"), eq(users.disabled, false));
  const [row] = await x.tx.select({ left: count() }).from(users).where(enabled);
  if (row?.left === 0)
    throw new AppError("conflict", "this is the last admin; make another one first");
}
