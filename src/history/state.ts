import { createHash } from "node:crypto";

/** What makes a file the same one: where it is, and what tells whether it changed. */
export type FileIdentity = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** SHA-256 of its first bytes. */
  readonly headSha256: string;
};

export type Counts = {
  rows: number;
  /** Readings that the server took; those that it knew already are among them. */
  readings: number;
  missing: number;
  bad: number;
};

/** How far the import of one file is. Kept only after the server has flushed all before it. */
export type FileState = {
  readonly file: FileIdentity;
  readonly checkpoint: string | undefined;
  readonly counts: Counts;
  /** The list of bad rows, and how long it was. */
  readonly rejects: { readonly path: string; readonly bytes: number };
  readonly isDone: boolean;
};

export const NO_COUNTS: Counts = { rows: 0, readings: 0, missing: 0, bad: 0 };

/**
 * Under which key a file's state is kept. Another server, token, content or way of reading is another
 * import: a position means nothing there.
 */
export function stateKey(
  file: FileIdentity,
  target: { readonly url: string; readonly token: string },
  settings: unknown,
): string {
  const text = JSON.stringify([file, target.url, target.token, settings]);
  return createHash("sha256").update(text).digest("hex").slice(0, 40);
}

/** Reads a state back; undefined when it is none, and the file is then read from its start. */
export function decodeState(text: string | undefined): FileState | undefined {
  if (text === undefined) return undefined;
  try {
    const value: Partial<FileState> = JSON.parse(text);
    const { file, counts, rejects } = value;
    return file !== undefined && counts !== undefined && rejects !== undefined
      ? (value as FileState) // written by `encodeState`, under a key that names its form
      : undefined;
  } catch {
    return undefined; // damaged: reading again from the start changes nothing in the store
  }
}

export const encodeState = (state: FileState): string => JSON.stringify(state);
