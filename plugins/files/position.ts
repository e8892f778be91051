import { AppError } from "../../src/plugin-sdk/index.ts";

/** How far a file has been read: bytes of its text, and the line there. */
export type Position = { readonly offset: number; readonly line: number };

export function encodePosition(position: Position): string {
  return JSON.stringify({ offset: position.offset, line: position.line });
}

/** @throws AppError("internal") when the checkpoint is not one that `encodePosition` made. */
export function decodePosition(checkpoint: string | undefined): Position | undefined {
  if (checkpoint === undefined) return undefined;
  const value: unknown = JSON.parse(checkpoint);
  if (typeof value === "object" && value !== null && "offset" in value && "line" in value) {
    const { offset, line } = value;
    if (typeof offset === "number" && typeof line === "number") return { offset, line };
  }
  throw new AppError("internal", `checkpoint ${checkpoint} is none of this plugin's`);
}
