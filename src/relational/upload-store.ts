import { and, desc, eq } from "drizzle-orm";
import { pageLimit } from "../domain/actor.ts";
import { UPLOAD_ERRORS_KEPT, type UploadStore } from "../domain/upload.ts";
import { makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { columnsOf, isId, needId, one, plain, written } from "./rows.ts";
import { uploads } from "./schema/records.ts";

const columns = columnsOf(uploads);

export function createUploadStore(db: Database): UploadStore {
  const own = (tenantId: string, id: string) =>
    and(eq(uploads.tenantId, tenantId), eq(uploads.id, id));
  return {
    list: (who, limit) =>
      db.withTenant(who, async (tx) => {
        const most = pageLimit({ limit });
        const rows = await tx.select(columns).from(uploads).orderBy(desc(uploads.id)).limit(most);
        return rows.map(plain);
      }),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(uploads).where(own(who.tenantId, id));
        return row && plain(row);
      }),
    create: (who, input, change) =>
      makeChange(db, who, { action: "upload.create", change, request: input }, async (x) => {
        const made = { tenantId: who.tenantId, id: x.newId(), createdBy: who.name };
        const row = { ...input, ...made, status: "received" as const, createdAtUs: x.atUs };
        const upload = plain(written(await x.tx.insert(uploads).values(row).returning(columns)));
        x.audit("upload.create", upload.id, undefined, input);
        x.notify("upload", upload.id);
        return upload;
      }),
    report: (who, id, result) =>
      makeChange(
        db,
        who,
        { action: "upload.report", change: undefined, request: undefined },
        async (x) => {
          needId(id, "upload");
          const { status, rows, rowsTaken, rowsRefused, failure = null } = result;
          const isOver = status === "done" || status === "failed";
          const counts = { status, rows, rowsTaken, rowsRefused, failure };
          const errors = result.errors.slice(0, UPLOAD_ERRORS_KEPT);
          const kind = result.kind === undefined ? {} : { kind: result.kind };
          const set = { ...counts, ...kind, errors, finishedAtUs: isOver ? x.atUs : null };
          const where = own(who.tenantId, id);
          const after = one(
            await x.tx.update(uploads).set(set).where(where).returning(columns),
            "upload",
          );
          if (isOver) x.audit("upload.import", id, undefined, counts);
          x.notify("upload", id);
          return plain(after);
        },
      ),
  };
}
