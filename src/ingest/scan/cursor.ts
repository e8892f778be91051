import type { Dialect } from "../../domain/engine.ts";

/** What a field held. `null` is QuestDB's empty field: no reading. */
export type FieldKind = "float" | "int" | "uint" | "bool" | "string" | "null" | "array";

/** Carried through one line. `p` is the next byte; a reason once the line has failed. */
export type Cursor = {
  readonly bytes: Uint8Array;
  /** Where the line must have ended; an array moves it on by its own bytes, up to the body's end. */
  end: number;
  readonly bodyEnd: number;
  readonly dialect: Dialect;
  p: number;
  reason: string | undefined;
  at: number;
  isLost: boolean;
  isPlain: boolean;
};

/** Ends the line with a reason. */
export function fail(c: Cursor, reason: string, at = c.p): undefined {
  if (c.reason === undefined) {
    c.reason = reason;
    c.at = at;
  }
  return undefined;
}
