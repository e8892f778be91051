import { and, eq, gt, lte } from "drizzle-orm";
import type { SessionStore } from "../domain/session.ts";
import { createNotes } from "./change.ts";
import type { Database } from "./database.ts";
import { isId } from "./rows.ts";
import { sessions, signInLinks, tenants, users } from "./schema/plant.ts";
import { newToken, tokenHash } from "./token.ts";

/** How often a session's last use is written down at most. */
const TOUCH_US = 60_000_000;

export function createSessionStore(db: Database): SessionStore {
  return {
    async open({ tenantId, userId, from, idleMs }) {
      const token = newToken("fss_", db.randomBytes);
      const csrf = newToken("", db.randomBytes);
      const id = db.newId();
      await db.withTenant({ tenantId }, async (tx) => {
        const notes = createNotes(db, tx);
        const atUs = notes.changing.atUs;
        await tx.insert(sessions).values({
          ...{ tenantId, id, userId, tokenHash: tokenHash(token), csrf, cameFrom: from, idleMs },
          ...{ createdAtUs: atUs, lastSeenAtUs: atUs, expiresAtUs: atUs + idleMs * 1000 },
        });
        const [user] = await tx
          .update(users)
          .set({ lastSeenAtUs: atUs })
          .where(eq(users.id, userId))
          .returning({ name: users.name });
        notes.changing.audit("session.open", id, undefined, { userId });
        await notes.write({ tenantId, kind: "session", id: userId, name: user?.name ?? "", from });
      });
      return { token, csrf, sessionId: id };
    },
    find: (token, from) => findSession(db, token, from),
    close: (token) =>
      db.withSystem(async (tx) => {
        await tx.delete(sessions).where(eq(sessions.tokenHash, tokenHash(token)));
      }),
    closeAll: (who, userId) =>
      db.withTenant(who, async (tx) => {
        if (isId(userId)) await tx.delete(sessions).where(eq(sessions.userId, userId));
      }),
    async createLink(tenantId, userId, validMs) {
      const token = newToken("fsl_", db.randomBytes);
      const expiresAtUs = db.clock.nowUs() + validMs * 1000;
      const row = { tenantId, id: db.newId(), userId, tokenHash: tokenHash(token), expiresAtUs };
      await db.withTenant({ tenantId }, (tx) => tx.insert(signInLinks).values(row));
      return token;
    },
    redeemLink: (token) =>
      db.withSystem(async (tx) => {
        const [row] = await tx
          .delete(signInLinks)
          .where(eq(signInLinks.tokenHash, tokenHash(token)))
          .returning();
        if (row === undefined || row.expiresAtUs <= db.clock.nowUs()) return undefined;
        const [user] = await tx
          .select({ disabled: users.disabled })
          .from(users)
          .where(and(eq(users.tenantId, row.tenantId), eq(users.id, row.userId)));
        return user?.disabled === false
          ? { tenantId: row.tenantId, userId: row.userId }
          : undefined;
      }),
    sweep: () =>
      db.withSystem(async (tx) => {
        const nowUs = db.clock.nowUs();
        const ended = await tx
          .delete(sessions)
          .where(lte(sessions.expiresAtUs, nowUs))
          .returning({ id: sessions.id });
        const links = await tx
          .delete(signInLinks)
          .where(lte(signInLinks.expiresAtUs, nowUs))
          .returning({ id: signInLinks.id });
        return ended.length + links.length;
      }),
  };
}

async function findSession(db: Database, token: string, from: string) {
  const nowUs = db.clock.nowUs();
  return db.withSystem(async (tx) => {
    const [row] = await tx
      .select({ session: sessions, name: users.name, role: users.role, tenantNo: tenants.no })
      .from(sessions)
      .innerJoin(users, and(eq(users.tenantId, sessions.tenantId), eq(users.id, sessions.userId)))
      .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
      .where(
        and(
          eq(sessions.tokenHash, tokenHash(token)),
          gt(sessions.expiresAtUs, nowUs),
          eq(users.disabled, false),
        ),
      );
    if (row === undefined) return undefined;
    const { session, name, role, tenantNo } = row;
    let expiresAtUs = session.expiresAtUs;
    if (nowUs - session.lastSeenAtUs > TOUCH_US) {
      expiresAtUs = nowUs + session.idleMs * 1000;
      const own = and(eq(sessions.tenantId, session.tenantId), eq(sessions.id, session.id));
      await tx.update(sessions).set({ lastSeenAtUs: nowUs, expiresAtUs }).where(own);
    }
    const who = {
      tenantId: session.tenantId,
      tenantNo,
      kind: "session",
      id: session.userId,
    } as const;
    const caller = {
      ...who,
      name,
      role,
      scope: undefined,
      sessionId: session.id,
      sourceNo: undefined,
      from,
    };
    return { caller, csrf: session.csrf, expiresAtUs };
  });
}
