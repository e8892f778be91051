import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AppError, type OpenFile, reasonOf } from "../../src/plugin-sdk/index.ts";

/** A text file, inflated when it is gzip. */
export type Source = {
  readonly name: string;
  /** The start of the text, up to 1 MiB, without a byte order mark. */
  readonly head: Uint8Array;
  /** Where the text starts: past a byte order mark. */
  readonly textOffset: number;
  /** Bytes of the text from `offset` on, which counts inflated bytes. */
  stream(offset: number): AsyncIterable<Uint8Array>;
};

const HEAD_BYTES = 1 << 20; // a header row may be as long as any row

async function readHead(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    parts.push(part);
    size += part.length;
    if (size >= HEAD_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, HEAD_BYTES);
}

/** Refuses, in words, what is no text. */
function refuseBinary(name: string, head: Uint8Array): void {
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3) {
    const remedy = "save the sheet as CSV (UTF-8), or unpack the archive";
    throw new AppError("invalid", `${name} is an Excel or ZIP file; ${remedy}`);
  }
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new AppError("invalid", `${name} is UTF-16; save it as UTF-8`);
  }
  if (head.indexOf(0) >= 0) {
    throw new AppError("invalid", `${name} is not a text file; send CSV or line protocol`);
  }
}

async function* inflate(file: OpenFile, skipBytes: number, maxBytes: number) {
  // Errors of both streams surface in the loop below.
  const inflated = pipeline(Readable.from(file.stream(0)), createGunzip(), () => {});
  let seen = 0;
  try {
    for await (const part of inflated as AsyncIterable<Uint8Array>) {
      const start = Math.max(0, skipBytes - seen);
      seen += part.length;
      if (seen > maxBytes) {
        throw new AppError(
          "invalid",
          `${file.name} inflates to more than ${maxBytes} bytes; split it`,
        );
      }
      if (start < part.length) yield part.subarray(start);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const message = `${file.name} is damaged or cut short (${reasonOf(cause)}); send it again`;
    throw new AppError("invalid", message, { cause });
  }
}

/** @throws AppError("invalid") when the file is empty or no text. */
export async function openSource(file: OpenFile, maxBytes: number): Promise<Source> {
  const raw = await readHead(file.stream(0));
  const isGzip = raw[0] === 0x1f && raw[1] === 0x8b;
  const stream = (offset: number) =>
    isGzip ? inflate(file, offset, maxBytes) : file.stream(offset);
  const head = isGzip ? await readHead(stream(0)) : raw;
  refuseBinary(file.name, head);
  const textOffset = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  if (head.length === textOffset) throw new AppError("invalid", `${file.name} is empty`);
  return { name: file.name, head: head.subarray(textOffset), textOffset, stream };
}
