import { dirname, join } from "node:path";
import { AppError, reasonOf } from "../../../domain/error.ts";
import type { LakeSegment } from "../../../domain/lake.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { RemoteFiles } from "../../../lib/s3-files.ts";
import type { DuckdbConnection } from "../connection.ts";
import { isThere, makeFolder } from "./files.ts";
import { changeLake } from "./sealer.ts";
import type { LakeVersions } from "./versions.ts";

type UploadDeps = {
  readonly connection: DuckdbConnection;
  readonly versions: LakeVersions;
  readonly root: string;
  readonly remote: RemoteFiles | undefined;
  readonly logger: Logger;
  readonly exclusively: <T>(run: () => Promise<T>) => Promise<T>;
};

/**
 * Sends files that the bucket does not have, oldest first, each noted once all of it is there, and
 * removes those that no longer belong to the lake. Ends at the first failure; what is left is sent the
 * next time.
 * @returns how many were sent.
 */
export async function uploadNew(deps: UploadDeps): Promise<number> {
  const { remote, root, versions, connection } = deps;
  if (!remote) return 0;
  let sent = 0;
  for (const { file, isUploaded, defect } of versions.current().segments) {
    if (isUploaded || defect !== "") continue;
    await remote.put(file, join(root, file));
    await deps.exclusively(() =>
      changeLake(
        deps,
        ({ segments }) => ({
          segments: segments.map((one) => (one.file === file ? { ...one, isUploaded: true } : one)),
        }),
        async () => {},
      ),
    );
    sent++;
  }
  for (const file of (await connection.rows("select file from remote_unwanted")).text(0)) {
    await remote.remove(file);
    await connection.run(
      `delete from remote_unwanted where file = '${file.replaceAll("'", "''")}'`,
    );
  }
  return sent;
}

/**
 * Fetches files that the bucket has and the disk has not.
 * @returns how many came back.
 * @throws AppError("unavailable") when the bucket does not answer: the files are not lost.
 */
export async function fetchMissing(
  { remote, root }: Pick<UploadDeps, "remote" | "root">,
  segments: readonly LakeSegment[],
): Promise<number> {
  let fetched = 0;
  for (const { file, isUploaded, defect } of segments) {
    const path = join(root, file);
    if (!remote || !isUploaded || defect !== "" || (await isThere(path))) continue;
    try {
      await makeFolder(root, dirname(path));
      if (await remote.get(file, path)) fetched++;
    } catch (cause) {
      throw new AppError(
        "unavailable",
        `the lake's file ${file} cannot be fetched from S3 (${reasonOf(cause)}); try again when it answers`,
        { cause },
      );
    }
  }
  return fetched;
}

/** Sends new files every `everyMs`. A failure is named once until it is over. */
export function createUploading(
  deps: UploadDeps & {
    readonly clock: Clock;
    readonly everyMs: number;
    /** Runs it while nothing is sealed. */
    readonly alone: <T>(run: () => Promise<T>) => Promise<T>;
  },
): { stop(): void; failure(): string } {
  let failure = "";
  let isRunning = false;
  const stop = deps.clock.every(deps.everyMs, () => {
    if (isRunning || !deps.remote) return;
    isRunning = true;
    deps
      .alone(() => uploadNew(deps))
      .then(
        () => {
          failure = "";
        },
        (error: unknown) => {
          const reason = reasonOf(error);
          if (reason !== failure)
            deps.logger.error("files were not sent to S3; it is tried again", { reason });
          failure = reason;
        },
      )
      .finally(() => {
        isRunning = false;
      });
  });
  return { stop, failure: () => failure };
}
