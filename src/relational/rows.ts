import { getTableColumns } from "drizzle-orm";
import type { PgTable, PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Change } from "../domain/actor.ts";
import { AppError } from "../domain/error.ts";

/** A row with undefined where the database has null. */
export type Plain<R> = {
  [K in keyof R]: null extends R[K] ? Exclude<R[K], null> | undefined : R[K];
};

/** Turns null into undefined in every column. */
export function plain<R extends Record<string, unknown>>(row: R): Plain<R> {
  const entries = Object.entries(row).map(([key, value]) => [key, value ?? undefined]);
  // The same keys, each with null replaced as `Plain` says.
  return Object.fromEntries(entries) as Plain<R>;
}

/** Every column of a table but the tenant's, for select and returning. */
export function columnsOf<T extends PgTable>(table: T): Omit<T["_"]["columns"], "tenantId"> {
  const { tenantId: _, ...rest } = getTableColumns(table) as T["_"]["columns"] & {
    tenantId?: unknown;
  };
  return rest;
}

/**
 * What to set for a patch: a field that is there is set, undefined empties it; where the column may not
 * be empty, undefined means unchanged.
 */
export function patchOf<T extends PgTable>(table: T, patch: object): PgUpdateSetSource<T> {
  const columns = getTableColumns(table) as Record<string, { notNull: boolean }>;
  const set: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(patch)) {
    const column = columns[key];
    if (column === undefined || (value === undefined && column.notNull)) continue;
    set[key] = value ?? null;
  }
  // Only keys of the table's own columns; callers type the values by their noun's patch.
  return set as PgUpdateSetSource<T>;
}

/** The only row. @throws AppError "not-found" when there is none. */
export function one<R>(rows: readonly R[], noun: string): R {
  const [row] = rows;
  if (row === undefined) throw new AppError("not-found", `${noun}: there is none with that id`);
  return row;
}

/** The row that an insert or update gave back, which is always there. */
export function written<R>(rows: readonly R[]): R {
  const [row] = rows;
  if (row === undefined) throw new Error("the database returned no row for what it wrote");
  return row;
}

/** @throws AppError "conflict" with both versions when the one sent is not the newest. */
export function checkVersion(
  noun: string,
  newest: { readonly version: number },
  change: Change | undefined,
): void {
  if (change?.version === undefined || change.version === newest.version) return;
  throw new AppError(
    "conflict",
    `${noun}: it was changed meanwhile (version ${newest.version}, yours ${change.version}); look at the newest and try again`,
    { details: { sent: change.version, current: newest.version, newest } },
  );
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text can be the id of anything here. */
export function isId(id: string): boolean {
  return UUID.test(id);
}

/** @throws AppError "not-found" for a text that can be nobody's id. */
export function needId(id: string, noun: string): void {
  if (!isId(id)) throw new AppError("not-found", `${noun}: there is none with that id`);
}

/** The part of a list that was asked for, from one row more than its limit. */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  markOf: (row: T) => string,
): { items: readonly T[]; next: string | undefined } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? markOf(last) : undefined };
}
