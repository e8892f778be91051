import { AppError } from "../domain/error.ts";

/**
 * A message on a child's stdin or stdout: one line of JSON, and after it as many bytes as its `parts`
 * say, so that people can read the control lines and data is never encoded twice.
 */
export type Frame = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
};

/** Bounds of one message; what exceeds them is garbage, not data. */
export const FRAME_LIMITS = { lineBytes: 1 << 18, parts: 2, partBytes: 16 << 20 } as const;

/** One message as bytes to write. */
export function encodeFrame(
  header: Readonly<Record<string, unknown>>,
  parts: readonly Uint8Array[] = [],
): Uint8Array<ArrayBuffer> {
  const line = { ...header, ...(parts.length > 0 && { parts: parts.map((p) => p.length) }) };
  const text = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, text.length));
  bytes.set(text);
  let at = text.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function garbage(what: string, bytes: Uint8Array): AppError {
  const start = new TextDecoder().decode(bytes.subarray(0, 80));
  return new AppError("internal", `${what}: ${JSON.stringify(start)}; a plugin must not print`);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new AppError("internal", garbage("not a message", bytes).message, { cause });
  }
  if (typeof value !== "object" || value === null) throw garbage("not a message", bytes);
  return value as Record<string, unknown>; // a non-null object; its fields stay unknown
}

function partSizes(header: Readonly<Record<string, unknown>>): readonly number[] {
  const sizes = header.parts ?? [];
  if (!Array.isArray(sizes) || sizes.length > FRAME_LIMITS.parts) {
    throw new AppError("internal", "a message has parts that are no list of sizes");
  }
  return sizes.map((size: unknown) => {
    if (typeof size === "number" && Number.isInteger(size) && size >= 0) {
      if (size <= FRAME_LIMITS.partBytes) return size;
    }
    throw new AppError(
      "internal",
      `a message has a part of ${String(size)} bytes; send less at once`,
    );
  });
}

/**
 * The messages in a stream of bytes. Each part gets a buffer of its own, so that it can be transferred.
 * @throws AppError("internal") at the first byte that is not of a message.
 */
export async function* readFrames(input: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let line: Uint8Array[] = [];
  let lineBytes = 0;
  let header: Record<string, unknown> | undefined;
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let part = 0;
  let filled = 0;
  for await (const chunk of input) {
    let at = 0;
    while (at < chunk.length || header !== undefined) {
      if (header === undefined) {
        const newline = chunk.indexOf(10, at);
        const end = newline < 0 ? chunk.length : newline;
        line.push(chunk.slice(at, end));
        lineBytes += end - at;
        at = end + 1;
        if (lineBytes > FRAME_LIMITS.lineBytes) throw garbage("too long a message", joined(line));
        if (newline < 0) break;
        header = parseHeader(joined(line));
        parts = partSizes(header).map((size) => new Uint8Array(size));
        [line, lineBytes, part, filled] = [[], 0, 0, 0];
      }
      const target = parts[part];
      if (target === undefined) {
        yield { header, parts };
        header = undefined;
        continue;
      }
      const take = Math.min(target.length - filled, chunk.length - at);
      target.set(chunk.subarray(at, at + take), filled);
      at += take;
      filled += take;
      if (filled === target.length) [part, filled] = [part + 1, 0];
      else break; // the rest of the part is in the next chunk
    }
  }
  if (header !== undefined || lineBytes > 0) {
    throw new AppError("internal", "the stream ended within a message");
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}
