import { pipeline, Readable } from "node:stream";
import { createZstdDecompress } from "node:zlib";
import { AppError, reasonOf } from "../domain/error.ts";

/** A file as the files plugin is lent one: its bytes from an offset on, in parts; zstd is unpacked. */
export type LentFile = {
  readonly name: string;
  readonly sizeBytes: number;
  stream(offset: number): AsyncIterable<Uint8Array>;
};

const ZSTD = [0x28, 0xb5, 0x2f, 0xfd] as const;

/** The file at a path; offsets of a zstd file count unpacked bytes. */
export async function lendFile(path: string, name: string): Promise<LentFile> {
  const file = Bun.file(path);
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  const isZstd = ZSTD.every((byte, index) => head[index] === byte);
  // Bun's stream iterates; the DOM type does not say so.
  const plain = (offset: number) =>
    file.slice(offset).stream() as unknown as AsyncIterable<Uint8Array>;
  return {
    name: isZstd ? name.replace(/\.zst$/i, "") : name,
    sizeBytes: file.size,
    stream: (offset) => (isZstd ? unpacked(plain(0), offset, name) : plain(offset)),
  };
}

async function* unpacked(packed: AsyncIterable<Uint8Array>, offset: number, name: string) {
  // Errors of both streams surface in the loop below.
  const inflated = pipeline(Readable.from(packed), createZstdDecompress(), () => {});
  let seen = 0;
  try {
    for await (const part of inflated as AsyncIterable<Uint8Array>) {
      const start = Math.max(0, offset - seen);
      seen += part.length;
      if (start < part.length) yield part.subarray(start);
    }
  } catch (cause) {
    const message = `${name} is damaged or cut short (${reasonOf(cause)}); pack it again`;
    throw new AppError("invalid", message, { cause });
  }
}
