/** A file or function over its limit. The list only shrinks; `limit` only falls. */
export type Exception = {
  readonly rule: "file-lines" | "function-lines" | "blob-bytes";
  readonly file: string;
  /** Largest size that is put up with. */
  readonly limit: number;
  /** Day it was entered. */
  readonly since: string;
  readonly why: string;
};

export const EXCEPTIONS: readonly Exception[] = [];
