import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { AppError, reasonOf } from "../../domain/error.ts";
import { giveTo, type Runner } from "./runner.ts";

/** PostgreSQL names its socket after a port, although it opens none. */
export const SOCKET_PORT = 5432;
const SOCKET_PATH_BYTES_MAX = 107;

/** Path of the socket in its folder. */
export function socketPath(folder: string): string {
  return join(folder, `.s.PGSQL.${SOCKET_PORT}`);
}

/**
 * The short folder that holds the socket of a data folder: always the same one for the same data folder.
 * @throws AppError "invalid" when even the short path is longer than a socket's may be.
 */
export function socketFolder(dataFolder: string, tempFolder: string): string {
  const hash = createHash("sha256").update(realpathSync(dataFolder)).digest("hex").slice(0, 16);
  const folder = join(tempFolder, `fs-${hash}`);
  if (Buffer.byteLength(socketPath(folder)) <= SOCKET_PATH_BYTES_MAX) return folder;
  throw new AppError(
    "invalid",
    `${tempFolder}: too long a path for a socket (${SOCKET_PATH_BYTES_MAX} bytes in all); set TMPDIR to a shorter one`,
  );
}

/**
 * Makes the folder, open to nobody else.
 * @throws AppError "unavailable" when it cannot be made, or somebody else has made it.
 */
export function makeSocketFolder(folder: string, uid: number, runner: Runner): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `${folder} for the database's socket cannot be made (${reasonOf(cause)}); set TMPDIR to a folder of your own`,
      { cause },
    );
  }
  const found = lstatSync(folder);
  const mayOwn = found.uid === uid || (runner.kind === "user" && found.uid === runner.uid);
  if (!found.isDirectory() || !mayOwn)
    throw new AppError(
      "unavailable",
      `${folder} belongs to another user (${found.uid}); remove it or set TMPDIR to a folder of your own`,
    );
  chmodSync(folder, 0o700);
  giveTo(runner, folder);
}
