import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A stored blob. `key` names it for ever: scope, then the SHA-256 of its bytes. */
export type BlobStat = {
  readonly key: string;
  readonly sha256: string;
  readonly sizeBytes: number;
};

/** Bytes that come in parts. */
export type ByteSource = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Keeps bytes by their content. Putting the same bytes twice keeps one copy; what `put` has answered
 * survives a crash. A scope (a tenant's id) keeps owners apart: no scope can read or guess another's.
 */
export type BlobStore = {
  /** @throws BlobTooLargeError when more than `maxBytes` come; nothing is kept then. */
  put(scope: string, source: ByteSource, maxBytes: number): Promise<BlobStat>;
  /** The bytes in parts, or undefined when there is no such blob. */
  get(key: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  stat(key: string): Promise<BlobStat | undefined>;
  /** Calls `use` with a local file that holds the blob, good until `use` settles; it must not be changed. */
  withFile<T>(key: string, use: (path: string) => Promise<T>): Promise<T>;
  /** Removes the blob; an unknown key is fine. */
  remove(key: string): Promise<void>;
};

export class BlobTooLargeError extends Error {
  override readonly name = "BlobTooLargeError";
}

const KEY = /^([A-Za-z0-9_-]{1,64})\/([0-9a-f]{64})$/;
const SCOPE = /^[A-Za-z0-9_-]{1,64}$/;

function parseKey(key: string): { scope: string; sha256: string } {
  const [, scope, sha256] = KEY.exec(key) ?? [];
  if (scope === undefined || sha256 === undefined) {
    throw new Error(`blob key ${JSON.stringify(key)} is not of the form scope/sha256`);
  }
  return { scope, sha256 };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/**
 * Blobs as files `root/<scope>/<2 hex>/<sha256>`. Bytes are written beside, flushed, then renamed, so a
 * file under its final name is always whole. What a crash left in `root/incoming` is removed before the
 * first put of the next process.
 */
export function createFolderBlobStore(root: string): BlobStore {
  const incoming = join(root, "incoming");
  let prepared: Promise<void> | undefined;
  const pathOf = (key: string) => {
    const { scope, sha256 } = parseKey(key);
    return join(root, scope, sha256.slice(0, 2), sha256);
  };
  const statOf = async (key: string): Promise<BlobStat | undefined> => {
    try {
      const { size } = await stat(pathOf(key));
      return { key, sha256: parseKey(key).sha256, sizeBytes: size };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
  return {
    async put(scope, source, maxBytes) {
      if (!SCOPE.test(scope))
        throw new Error(`blob scope ${JSON.stringify(scope)} is not a plain name`);
      prepared ??= prepare(incoming);
      await prepared;
      const temporary = join(incoming, `${process.pid}-${randomUUID()}`);
      try {
        const { sha256, sizeBytes } = await receive(temporary, source, maxBytes);
        const key = `${scope}/${sha256}`;
        const path = pathOf(key);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await rename(temporary, path);
        await flushFolder(dirname(path));
        await flushFolder(join(root, scope));
        await flushFolder(root);
        return { key, sha256, sizeBytes };
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    async get(key) {
      return (await statOf(key)) === undefined ? undefined : createReadStream(pathOf(key));
    },
    stat: statOf,
    async withFile(key, use) {
      if ((await statOf(key)) === undefined) throw new Error(`there is no blob ${key}`);
      return use(pathOf(key));
    },
    async remove(key) {
      await rm(pathOf(key), { force: true });
    },
  };
}

/** Makes the folder, and removes what processes that are gone left there. */
async function prepare(incoming: string): Promise<void> {
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  for (const name of await readdir(incoming)) {
    if (!name.startsWith(`${process.pid}-`)) await rm(join(incoming, name), { force: true });
  }
}

async function receive(path: string, source: ByteSource, maxBytes: number) {
  const file = await open(path, "wx", 0o600);
  try {
    const hash = createHash("sha256");
    let sizeBytes = 0;
    for await (const part of source) {
      sizeBytes += part.length;
      if (sizeBytes > maxBytes) {
        throw new BlobTooLargeError(
          `more than ${maxBytes} bytes; split the file and send its parts`,
        );
      }
      hash.update(part);
      await writeAll(file, part);
    }
    await file.sync();
    return { sha256: hash.digest("hex"), sizeBytes };
  } finally {
    await file.close();
  }
}
