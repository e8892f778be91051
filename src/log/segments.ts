import { join } from "node:path";
import { AppError } from "../domain/error.ts";
import type { LogDeps } from "./index.ts";
import { type SegmentEnd, SegmentReader, sequenceOfName } from "./segment.ts";

export type Segment = {
  readonly name: string;
  readonly firstSequence: number;
  /** Bytes of whole frames. */
  sizeBytes: number;
  changedAtUs: number;
};

/** Lists the segments, checks the newest frame by frame and cuts its torn tail. */
export function openSegments(deps: LogDeps): { segments: Segment[]; lastSequence: number } {
  const segments = listSegments(deps);
  const newest = segments.at(-1);
  if (newest === undefined) return { segments, lastSequence: 0 };
  const lastSequence = checkNewest(deps, newest);
  return { segments, lastSequence };
}

function listSegments(deps: LogDeps): Segment[] {
  const found: Segment[] = [];
  for (const { name, sizeBytes, modifiedAtUs } of deps.disk.list(deps.folder)) {
    const firstSequence = sequenceOfName(name);
    if (firstSequence !== undefined)
      found.push({ name, firstSequence, sizeBytes, changedAtUs: modifiedAtUs });
  }
  return found.sort((a, b) => a.firstSequence - b.firstSequence);
}

function checkNewest(deps: LogDeps, newest: Segment): number {
  const { disk, folder, logger } = deps;
  const path = join(folder, newest.name);
  const reader = new SegmentReader(disk, path, newest.sizeBytes);
  let previous = newest.firstSequence - 1;
  let offset = 0;
  for (;;) {
    const end = reader.visit(previous, () => true, offset);
    if (end.ending === "whole") return end.lastSequence;
    if (end.ending === "torn") {
      const lost = newest.sizeBytes - end.sizeBytes;
      logger.warn(`log: cut ${lost} bytes of an unfinished write from ${newest.name}`);
      const file = disk.append(path);
      file.truncate(end.sizeBytes);
      file.close();
      newest.sizeBytes = end.sizeBytes;
      return end.lastSequence;
    }
    setAside(deps, newest, end);
    offset = end.resumesAt;
    previous = end.resumesWith - 1;
    if (offset >= newest.sizeBytes) return end.lastSequence;
  }
}

/**
 * Acknowledged frames are damaged: a copy of their segment is set aside under the name `.damaged`.
 * @throws AppError "internal" with the place, unless a person has accepted the loss.
 */
export function setAside(deps: LogDeps, segment: Segment, end: SegmentEnd): void {
  const { disk, folder, logger } = deps;
  const path = join(folder, segment.name);
  const copyName = `${segment.name}.damaged`;
  if (!disk.list(folder).some(({ name }) => name === copyName)) {
    const copy = disk.append(join(folder, copyName));
    const step = 16 * 1024 * 1024;
    for (let at = 0; at < segment.sizeBytes; at += step) copy.write([disk.read(path, at, step)]);
    copy.close();
  }
  const place = `${path} is damaged from byte ${end.sizeBytes} to byte ${end.resumesAt}, after frame ${end.lastSequence}`;
  const what = `${place}; a copy is in ${copyName}`;
  if (!deps.acceptDamage)
    throw new AppError(
      "internal",
      `log: ${what}; restore the file from a backup, or start with the loss accepted`,
      { details: { file: path, offset: end.sizeBytes, afterSequence: end.lastSequence } },
    );
  logger.error(`log: ${what}; going on without these frames, as was accepted`);
}
