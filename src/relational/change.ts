import { createHash } from "node:crypto";
import { and, eq, sql as text } from "drizzle-orm";
import type { Actor, Change } from "../domain/actor.ts";
import { AppError } from "../domain/error.ts";
import type { ChangeNotice } from "../domain/relational.ts";
import { type Database, run, type Tx } from "./database.ts";
import { auditLog, idempotencyKeys } from "./schema/records.ts";

/** Channel of LISTEN/NOTIFY on which committed changes are told. */
export const CHANGE_CHANNEL = "foresight_change";

/** What a change has at hand. What it notes is written in its own transaction, or not at all. */
export type Changing = {
  readonly tx: Tx;
  readonly atUs: number;
  newId(): string;
  /** An audit row: `before` or `after` is undefined where something begins or ends. */
  audit(action: string, nounId: string, before: unknown, after: unknown): void;
  /** Tells open pages and other nodes, once committed. */
  notify(noun: string, id: string): void;
};

export type ChangeRequest = {
  readonly action: string;
  readonly change: Change | undefined;
  /** What was asked for; the same idempotency key with another request is refused. */
  readonly request: unknown;
  /** The answer holds what may not be kept: a repeat is refused instead of answered. */
  readonly isSecret?: boolean;
};

/**
 * Makes one change: transaction, idempotency key, audit rows and notices together.
 * @throws AppError "conflict" when the idempotency key was used for something else.
 */
export function makeChange<T>(
  db: Database,
  who: Actor,
  request: ChangeRequest,
  work: (changing: Changing) => Promise<T>,
): Promise<T> {
  return db.withTenant(who, async (tx) => {
    const earlier = await claimKey(db, tx, who, request);
    // An answer is only ever read back for the same action and request that wrote it.
    if (earlier) return earlier.answer as T;
    const notes = createNotes(db, tx);
    const answer = await work(notes.changing);
    await notes.write(who);
    await keepAnswer(tx, who, request, answer);
    return answer;
  });
}

/** Collects audit rows and notices of a transaction; `write` puts them in at its end. */
export function createNotes(db: Database, tx: Tx) {
  const atUs = db.clock.nowUs();
  const audits: { action: string; nounId: string; before: unknown; after: unknown }[] = [];
  const notices: Omit<ChangeNotice, "tenantId">[] = [];
  const changing: Changing = {
    tx,
    atUs,
    newId: db.newId,
    audit: (action, nounId, before, after) => void audits.push({ action, nounId, before, after }),
    notify: (noun, id) => void notices.push({ noun, id }),
  };
  return {
    changing,
    async write(who: Actor): Promise<void> {
      const actor = { actorKind: who.kind, actorId: who.id, actorName: who.name };
      const rows = audits.map((audit) => ({
        ...{ tenantId: who.tenantId, id: db.newId(), atUs, ...actor, cameFrom: who.from },
        ...audit,
      }));
      for (let start = 0; start < rows.length; start += AUDIT_ROWS_MAX)
        await tx.insert(auditLog).values(rows.slice(start, start + AUDIT_ROWS_MAX));
      await sendNotices(
        tx,
        notices.map((notice) => ({ tenantId: who.tenantId, ...notice })),
      );
    },
  };
}

const AUDIT_ROWS_MAX = 1_000;
const NOTICES_MAX = 20;

/** Sends notices with the transaction; of many of one noun a single one without id. */
export async function sendNotices(tx: Tx, notices: readonly ChangeNotice[]): Promise<void> {
  const few = new Map<string, ChangeNotice>();
  for (const notice of notices) {
    const id = notices.length > NOTICES_MAX ? "" : notice.id;
    few.set(`${notice.tenantId} ${notice.noun} ${id}`, { ...notice, id });
  }
  if (few.size === 0) return;
  const payload = JSON.stringify([...few.values()].map((notice) => JSON.stringify(notice)));
  await run(
    tx,
    text`select pg_notify(${CHANGE_CHANNEL}, value) from jsonb_array_elements_text(${payload}::jsonb)`,
  );
}

async function claimKey(
  db: Database,
  tx: Tx,
  who: Actor,
  request: ChangeRequest,
): Promise<{ answer: unknown } | undefined> {
  const key = request.change?.idempotencyKey;
  if (key === undefined || key === "") return undefined;
  const requestHash = createHash("sha256")
    .update(JSON.stringify([request.action, request.request]))
    .digest("hex");
  const own = { tenantId: who.tenantId, actorId: who.id, key };
  const claimed = await tx
    .insert(idempotencyKeys)
    .values({ ...own, requestHash, createdAtUs: db.clock.nowUs() })
    .onConflictDoNothing()
    .returning({ key: idempotencyKeys.key });
  if (claimed.length > 0) return undefined;
  const [found] = await tx.select().from(idempotencyKeys).where(sameKey(own));
  if (found?.requestHash !== requestHash)
    throw new AppError(
      "conflict",
      "the idempotency key was used for another request; send a new one",
    );
  if (request.isSecret)
    throw new AppError("conflict", "this was done already, and its answer is shown only once");
  return { answer: found.answer ?? undefined };
}

async function keepAnswer(
  tx: Tx,
  who: Actor,
  request: ChangeRequest,
  answer: unknown,
): Promise<void> {
  const key = request.change?.idempotencyKey;
  if (key === undefined || key === "" || request.isSecret || answer === undefined) return;
  await tx
    .update(idempotencyKeys)
    .set({ answer })
    .where(sameKey({ tenantId: who.tenantId, actorId: who.id, key }));
}

function sameKey(own: { tenantId: string; actorId: string; key: string }) {
  return and(
    eq(idempotencyKeys.tenantId, own.tenantId),
    eq(idempotencyKeys.actorId, own.actorId),
    eq(idempotencyKeys.key, own.key),
  );
}

/** The fields that differ, as an audit row keeps them; undefined when none does. */
export function difference(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): { before: Record<string, unknown>; after: Record<string, unknown> } | undefined {
  const changed = { before: {} as Record<string, unknown>, after: {} as Record<string, unknown> };
  for (const key of Object.keys(after)) {
    if (key === "version" || Bun.deepEquals(before[key], after[key])) continue;
    changed.before[key] = before[key] ?? null;
    changed.after[key] = after[key] ?? null;
  }
  return Object.keys(changed.after).length === 0 ? undefined : changed;
}
