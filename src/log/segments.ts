import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { DamageRecord } from "./damage.ts";
import type { Disk } from "./disk.ts";
import { readTrailer } from "./packed-segment.ts";
import { type SegmentForm, SegmentReader, segmentName, segmentOfName } from "./segment.ts";

export type Segment = {
  name: string;
  form: SegmentForm;
  readonly firstSequence: number;
  /** Bytes of its file; of the newest one those of whole frames. */
  sizeBytes: number;
  /** When it was last written to. Of a packed one: when it was packed. */
  changedAtUs: number;
};

export type SegmentsDeps = {
  readonly folder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Lists the segments, checks the newest frame by frame and cuts its torn tail. */
export function openSegments(
  deps: SegmentsDeps,
  damage: DamageRecord,
): { segments: Segment[]; lastSequence: number } {
  const segments = listSegments(deps, (path) => deps.disk.remove(path));
  const newest = segments.at(-1);
  if (newest === undefined) return { segments, lastSequence: 0 };
  return { segments, lastSequence: checkNewest(deps, newest, damage) };
}

/**
 * The segments of a folder in their order, one file each. What a packing left that did not come to its
 * end is handed to `remove`: the plain file is the truth as long as it is there.
 */
export function listSegments(
  { disk, folder }: Pick<SegmentsDeps, "disk" | "folder">,
  remove: (path: string) => void,
): Segment[] {
  const found = new Map<number, Segment>();
  for (const { name, sizeBytes, modifiedAtUs } of disk.list(folder)) {
    if (name.endsWith(".zst.new")) remove(join(folder, name));
    const own = segmentOfName(name);
    if (own === undefined) continue;
    const segment = { name, ...own, sizeBytes, changedAtUs: modifiedAtUs };
    const other = found.get(own.firstSequence);
    if (other === undefined) found.set(own.firstSequence, segment);
    else {
      const packed = own.form === "packed" ? segment : other;
      found.set(own.firstSequence, own.form === "packed" ? other : segment);
      remove(join(folder, packed.name));
    }
  }
  return [...found.values()].sort((a, b) => a.firstSequence - b.firstSequence);
}

function checkNewest(deps: SegmentsDeps, newest: Segment, damage: DamageRecord): number {
  const { disk, folder, logger } = deps;
  const path = join(folder, newest.name);
  // What is read from now on may be handed to consumers, so it must not vanish any more.
  disk.syncFolder(path);
  if (newest.form === "packed") {
    const trailer = readTrailer(disk, path, newest.sizeBytes);
    if (trailer !== undefined) return trailer.lastSequence;
  }
  const reader = new SegmentReader(disk, path, newest.sizeBytes);
  let previous = newest.firstSequence - 1;
  let offset = 0;
  for (;;) {
    const end = reader.visit(previous, () => true, offset);
    if (end.ending === "whole") return end.lastSequence;
    if (end.ending === "torn") {
      if (newest.form === "plain") {
        const lost = newest.sizeBytes - end.sizeBytes;
        logger.warn(`log: cut ${lost} bytes of an unfinished write from ${newest.name}`);
        const file = disk.append(path);
        file.truncate(end.sizeBytes);
        file.close();
        newest.sizeBytes = end.sizeBytes;
      }
      return end.lastSequence;
    }
    damage.add({
      firstSequence: end.lastSequence + 1,
      lastSequence: end.resumesWith - 1,
      segment: {
        name: newest.name,
        fileBytes: newest.sizeBytes,
        from: end.sizeBytes,
        to: end.resumesAt,
      },
    });
    offset = end.resumesAt;
    previous = end.resumesWith - 1;
  }
}

/** The name of a segment's other form. */
export const packedName = ({ firstSequence }: Segment): string =>
  segmentName(firstSequence, "packed");
