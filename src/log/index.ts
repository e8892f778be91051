import type { LogDamage, LogFrame } from "../domain/log-frame.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Disk } from "./disk.ts";

export { type Disk, type DiskFile, systemDisk } from "./disk.ts";
export { type LogFolder, openLogFolder } from "./folder.ts";
export { decodeFrame, encodeFrame, HEADER_BYTES, isWhole, readHeader } from "./frame.ts";
export { createLocalLog } from "./local-log.ts";
export { packSegment } from "./packed-segment.ts";

export type LogSettings = {
  /** A segment is closed when it has grown to this. */
  readonly segmentBytes: number;
  /** Beyond it nothing is taken until consumers have passed what is old. */
  readonly maxBytes: number;
  /** Kept although every consumer has passed it; never more than half of `maxBytes`. */
  readonly keepBytes: number;
  /** Kept although every consumer has passed it, unless `keepBytes` is reached. */
  readonly keepUs: number;
  /** Free space of the disk below which nothing is taken. */
  readonly diskFloorBytes: number;
  /** Closed segments that stay as they were written, since readers are near them. */
  readonly plainSegments: number;
};

export const DEFAULT_LOG_SETTINGS: LogSettings = {
  segmentBytes: 256 * 1024 * 1024,
  maxBytes: 20 * 1024 * 1024 * 1024,
  keepBytes: 1024 * 1024 * 1024,
  keepUs: 24 * 3600 * 1e6,
  diskFloorBytes: 512 * 1024 * 1024,
  plainSegments: 1,
};

/** Packs one closed segment's file into another, flushed; away from the thread that writes the log. */
export type PackSegment = (files: {
  readonly from: string;
  readonly fromBytes: number;
  readonly to: string;
}) => Promise<{ readonly fileBytes: number }>;

export type LogDeps = {
  readonly folder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: LogSettings;
  /** The next sequence lies above it, though the log be empty: consumers have reached it. */
  readonly atLeastSequence: number;
  /** Without it closed segments stay as they were written. */
  readonly pack?: PackSegment;
  /** Hears once of each part that cannot be read; the log goes on with the rest. */
  readonly onDamage: (damage: LogDamage, message: string) => void;
};

/** The durable, ordered log. One writer; `append` is called again only when it has answered. */
export type Log = {
  /** Sequence of the last durable frame. */
  lastSequence(): number;
  /** Sequence of the oldest frame that can be read; above `lastSequence` when there is none. */
  firstSequence(): number;
  sizeBytes(): number;
  /** Why nothing can be appended now, or undefined. */
  refusal(): string | undefined;
  /**
   * Appends the frames as one group; resolves, flushed, with the last one's sequence.
   * @throws AppError "unavailable" when the disk or the log is full; nothing of the group is kept then.
   */
  append(frames: readonly LogFrame[]): Promise<number>;
  /**
   * Visits the frames after the sequence, in order, until one is answered with false. Sequences that
   * cannot be read are passed over; `damage` names them.
   */
  read(afterSequence: number, visit: (sequence: number, frame: LogFrame) => boolean): void;
  /** Parts that cannot be read, oldest first; those that a person has not removed. */
  damage(): readonly LogDamage[];
  /** Nothing up to here is needed any more; deletes what may go. */
  release(sequence: number): void;
  /** Resolves when no segment is being packed. */
  settled(): Promise<void>;
  close(): void;
};
