import type { UploadStatus } from "../../src/domain/upload.ts";
import type { Shell } from "../shell.ts";
import type { FormState, Instant, Option } from "../ui/model.ts";
import type { IngestTabs } from "./ingest.tsx";

export type UploadRow = {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly status: UploadStatus;
  /** "1,204 rows in, 3 refused" */
  readonly result: string;
  readonly at: Instant;
  readonly by: string;
  readonly errors: readonly {
    readonly lineNo: number;
    readonly reason: string;
    readonly line: string;
  }[];
  /** How many more errors there are than `errors` holds. */
  readonly moreErrors: number;
  readonly failure: string | undefined;
};

/** POST /ingest/uploads (multipart) with: kind, file. */
export type UploadsProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly form: FormState;
  readonly kinds: readonly (Option & { readonly columns: string; readonly example: string })[];
  readonly uploads: readonly UploadRow[];
  readonly mayWrite: boolean;
  readonly limit: string;
};
