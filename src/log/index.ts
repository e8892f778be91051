import type { LogFrame } from "../domain/log-frame.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Disk } from "./disk.ts";

export { type Disk, type DiskFile, systemDisk } from "./disk.ts";
export { decodeFrame, encodeFrame, HEADER_BYTES, isWhole, readHeader } from "./frame.ts";
export { createLocalLog } from "./local-log.ts";

export type LogSettings = {
  /** A segment is closed when it has grown to this. */
  readonly segmentBytes: number;
  /** Beyond it nothing is taken until consumers have passed what is old. */
  readonly maxBytes: number;
  /** Kept although every consumer has passed it. */
  readonly keepBytes: number;
  /** Kept although every consumer has passed it, unless `keepBytes` is reached. */
  readonly keepUs: number;
  /** Free space of the disk below which nothing is taken. */
  readonly diskFloorBytes: number;
};

export const DEFAULT_LOG_SETTINGS: LogSettings = {
  segmentBytes: 256 * 1024 * 1024,
  maxBytes: 20 * 1024 * 1024 * 1024,
  keepBytes: 1024 * 1024 * 1024,
  keepUs: 24 * 3600 * 1e6,
  diskFloorBytes: 512 * 1024 * 1024,
};

export type LogDeps = {
  readonly folder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: LogSettings;
  /** The next sequence lies above it, though the log be empty: consumers have reached it. */
  readonly atLeastSequence: number;
  /**
   * A person has decided to go on without damaged frames: what can be read is kept, the damaged
   * segment is set aside whole. Otherwise damage ends the start.
   */
  readonly acceptDamage: boolean;
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
   * Visits the frames after the sequence, in order, until one is answered with false.
   * @throws AppError "internal" naming the file and the place when acknowledged frames are damaged.
   */
  read(afterSequence: number, visit: (sequence: number, frame: LogFrame) => boolean): void;
  /** Nothing up to here is needed any more; deletes what may go. */
  release(sequence: number): void;
  close(): void;
};
