import type { Actor, Change } from "./actor.ts";
import { IMPORT_KINDS } from "./import.ts";

/** What a file holds; "unknown" until its header was read. */
export const UPLOAD_KINDS = [...IMPORT_KINDS, "unknown"] as const;
export type UploadKind = (typeof UPLOAD_KINDS)[number];
export type UploadStatus = "received" | "importing" | "done" | "failed";

export type UploadError = {
  readonly lineNo: number;
  readonly reason: string;
  readonly line: string;
};

/** Errors of rows that are kept with an upload; all are counted. */
export const UPLOAD_ERRORS_KEPT = 1_000;

/** A file that was brought in; the original stays in the blob store. */
export type Upload = {
  readonly id: string;
  readonly name: string;
  readonly kind: UploadKind;
  readonly status: UploadStatus;
  readonly blobKey: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly rows: number;
  readonly rowsTaken: number;
  readonly rowsRefused: number;
  readonly errors: readonly UploadError[];
  readonly failure: string | undefined;
  readonly createdAtUs: number;
  readonly createdBy: string;
  readonly finishedAtUs: number | undefined;
};

export type NewUpload = Pick<Upload, "name" | "kind" | "blobKey" | "sizeBytes" | "sha256">;

export type UploadStore = {
  /** Newest first. */
  list(who: Actor, limit?: number): Promise<readonly Upload[]>;
  get(who: Actor, id: string): Promise<Upload | undefined>;
  create(who: Actor, input: NewUpload, change?: Change): Promise<Upload>;
  /** Counts and errors so far, or the end. */
  report(
    who: Actor,
    id: string,
    result: Pick<Upload, "status" | "rows" | "rowsTaken" | "rowsRefused" | "errors"> & {
      readonly failure?: string | undefined;
      /** Said once the file's header was read. */
      readonly kind?: UploadKind | undefined;
    },
  ): Promise<Upload>;
};
