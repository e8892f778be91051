import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { LakeSegment, LakeStatus } from "../../../domain/lake.ts";
import type { Logger } from "../../../lib/logger.ts";
import { forgetBases } from "../bucket-bases.ts";
import { defectOf, isThere } from "./files.ts";
import { changeLake } from "./sealer.ts";

/** Segments whose defect is another one than was known. */
export async function changedDefects(
  root: string,
  segments: readonly LakeSegment[],
  thorough: boolean,
): Promise<Map<LakeSegment, string>> {
  const defects = new Map<LakeSegment, string>();
  for (const segment of segments) {
    if (segment.defect !== "") continue;
    // What lies in S3 may be away here: it is fetched when it is read.
    if (!thorough && segment.isUploaded && !(await isThere(join(root, segment.file)))) continue;
    const defect = await defectOf(root, segment, thorough);
    if (defect !== "") defects.set(segment, defect);
  }
  return defects;
}

export async function markDefects(
  deps: Parameters<typeof changeLake>[0] & { readonly logger: Logger },
  defects: ReadonlyMap<LakeSegment, string>,
): Promise<void> {
  if (defects.size === 0) return;
  const byFile = new Map([...defects].map(([{ file }, defect]) => [file, defect]));
  const mark = (one: LakeSegment) => {
    const defect = byFile.get(one.file);
    return defect === undefined || one.defect === defect ? one : { ...one, defect };
  };
  await changeLake(
    deps,
    (before) => ({ segments: before.segments.map(mark) }),
    async (connection) => {
      for (const { dayStartUs, kind } of defects.keys())
        if (kind === "readings") await connection.run(forgetBases("5m", dayStartUs));
    },
  );
  for (const [{ file, kind, rows }, defect] of defects)
    deps.logger.error(`the lake's file ${file} ${defect}; its ${kind} are not served`, { rows });
}

/** Files that this store did not make, or made and forgot: they are left alone, and named. */
export function warnOfStrangers(
  root: string,
  segments: readonly LakeSegment[],
  logger: Logger,
): void {
  const known = new Set(segments.map(({ file }) => join(root, file)));
  const strange = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && entry.name.endsWith(".parquet") && entry.name !== "series.parquet",
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !known.has(file));
  if (strange.length > 0)
    logger.warn("the lake holds files that the series store does not know; they are not read", {
      files: strange.length,
      first: strange[0] ?? "",
    });
}

const isOfReadings = ({ kind }: LakeSegment) => kind === "readings";

export function statusOf(segments: readonly LakeSegment[], uploadFailure: string): LakeStatus {
  const whole = segments.filter(({ defect }) => defect === "");
  return {
    files: segments.length,
    uploaded: segments.filter(({ isUploaded }) => isUploaded).length,
    uploadFailure,
    rows: whole.filter(isOfReadings).reduce((all, { rows }) => all + rows, 0),
    sizeBytes: segments.reduce((all, { sizeBytes }) => all + sizeBytes, 0),
    unreadable: segments
      .filter(({ defect }) => defect !== "")
      .map(({ file, rows, defect }) => ({ file, rows, defect })),
  };
}
