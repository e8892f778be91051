import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { AppError, reasonOf } from "./domain/error.ts";
import { lockFolder } from "./lib/folder-lock.ts";

/** Where everything of an installation lies. `data/README.md` explains each. */
export type DataFolder = {
  readonly root: string;
  readonly runtime: string;
  readonly postgres: string;
  readonly series: string;
  readonly lake: string;
  readonly log: string;
  readonly snapshots: string;
  readonly blobs: string;
  readonly keyFile: string;
  /** Gives the folder back. */
  release(): void;
};

/**
 * Takes the folder for this process, making it when missing.
 * @throws AppError "unavailable" when it cannot be written, "conflict" when another process holds it.
 */
export function openDataFolder(root: string): DataFolder {
  const paths = {
    root,
    runtime: join(root, "runtime"),
    postgres: join(root, "postgres"),
    series: join(root, "series"),
    lake: join(root, "lake"),
    log: join(root, "log"),
    snapshots: join(root, "snapshots"),
    blobs: join(root, "blobs"),
    keyFile: join(root, "secret.key"),
  };
  let lock: ReturnType<typeof lockFolder>;
  try {
    const isNew = !existsSync(root);
    mkdirSync(root, { recursive: true });
    if (isNew) chmodSync(root, 0o700);
    const { runtime, series, lake, log, snapshots, blobs } = paths;
    for (const folder of [runtime, series, lake, log, snapshots, blobs])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    lock = lockFolder(root);
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `the data folder ${root} cannot be written (${reasonOf(cause)}); choose another with --data`,
      { cause },
    );
  }
  if ("heldBy" in lock)
    throw new AppError(
      "conflict",
      `the data folder ${root} is in use by process ${lock.heldBy.pid}; stop it, or choose another with --data`,
      { details: { heldBy: lock.heldBy.pid } },
    );
  return { ...paths, release: lock.release };
}

/** Whether a server or a set-up has made the folder what it is. */
export function isInstallation(root: string): boolean {
  return existsSync(join(root, "secret.key"));
}

/** Names an installation by its key, without telling it. */
export function ownerName(key: Uint8Array): string {
  return Buffer.from(derivedKey(key, "owner")).toString("hex").slice(0, 32);
}

/** A key for one purpose, made from the installation's. */
export function derivedKey(key: Uint8Array, purpose: string): Uint8Array {
  return Uint8Array.from(new Bun.CryptoHasher("sha256", key).update(purpose).digest());
}
