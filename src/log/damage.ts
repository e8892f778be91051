import { join } from "node:path";
import { reasonOf } from "../domain/error.ts";
import type { LogDamage } from "../domain/log-frame.ts";
import type { Logger } from "../lib/logger.ts";
import type { Disk } from "./disk.ts";
import { type BrokenFrame, SegmentReader } from "./segment.ts";

const FOLDER = "damaged";
const FRAMES_NAMED = 100;
/** Notes that are kept and shown; further damage is told but not listed. */
const NOTES_MAX = 1_000;
const STEP_BYTES = 16 * 1024 * 1024;

/** A stretch of the log that cannot be read: these sequences, of this segment. */
export type Gap = {
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** Absent when the whole file is gone. */
  readonly segment?: {
    readonly name: string;
    readonly fileBytes: number;
    /** Offsets in the plain form. */
    readonly from: number;
    readonly to: number;
  };
};

export type DamageDeps = {
  /** The log's folder; copies lie in a folder below it. */
  readonly folder: string;
  readonly disk: Disk;
  readonly logger: Logger;
  readonly nowUs: () => number;
  /** Called once for each, when it is found. */
  readonly onDamage: (damage: LogDamage, message: string) => void;
};

const padded = (sequence: number) => String(sequence).padStart(16, "0");
const nameOf = (first: number, last: number) => `${padded(first)}-${padded(last)}`;

/**
 * Damaged parts of the log: each is copied into a folder of its own with a note of what it held, once,
 * and from then on passed over. The notes stay until a person removes them.
 */
export class DamageRecord {
  private readonly deps: DamageDeps;
  private readonly found = new Map<string, LogDamage>();

  constructor(deps: DamageDeps) {
    this.deps = deps;
    const { disk, folder, logger } = deps;
    if (!disk.list(folder).some(({ name }) => name === FOLDER)) return;
    for (const { name, sizeBytes } of disk.list(join(folder, FOLDER))) {
      if (!name.endsWith(".json") || this.found.size >= NOTES_MAX) continue;
      const path = join(folder, FOLDER, name);
      try {
        const note = JSON.parse(new TextDecoder().decode(disk.read(path, 0, sizeBytes)));
        this.found.set(nameOf(note.firstSequence, note.lastSequence), note as LogDamage); // written by `add`
      } catch (error) {
        logger.warn(`log: the note ${path} cannot be read: ${reasonOf(error)}`); // found again then
      }
    }
  }

  /** Oldest sequence first. */
  list(): LogDamage[] {
    return [...this.found.values()].sort((a, b) => a.firstSequence - b.firstSequence);
  }

  /** Names a gap, sets a copy of it aside and tells it; one that is known is passed over. */
  add(gap: Gap): void {
    const key = nameOf(gap.firstSequence, gap.lastSequence);
    if (this.found.has(key)) return;
    const { damage, frames } = this.describe(gap, key);
    this.found.set(key, damage);
    if (this.found.size > NOTES_MAX) this.found.delete([...this.found.keys()][0] ?? "");
    let kept = "";
    try {
      this.setAside(damage, frames);
      if (damage.copy !== undefined) kept = `; what it held is in ${damage.copy}`;
    } catch (error) {
      kept = `; it could not be copied (${reasonOf(error)})`;
    }
    const { firstSequence, lastSequence, fromByte, toByte } = damage;
    const place =
      gap.segment === undefined
        ? "a segment is gone"
        : `${damage.file} is damaged from byte ${fromByte} to byte ${toByte}`;
    const counted = damage.readings > 0 ? `, with at least ${damage.readings} readings` : "";
    this.deps.onDamage(
      damage,
      `log: ${place}: frames ${firstSequence} to ${lastSequence} cannot be read${counted}${kept}; the rest is served`,
    );
  }

  private describe(gap: Gap, key: string): { damage: LogDamage; frames: BrokenFrame[] } {
    const { folder, disk, nowUs } = this.deps;
    const { segment, firstSequence, lastSequence } = gap;
    let frames: BrokenFrame[] = [];
    let range = { from: 0, to: 0 };
    if (segment !== undefined) {
      const reader = new SegmentReader(disk, join(folder, segment.name), segment.fileBytes);
      frames = reader
        .broken(segment.from, segment.to, FRAMES_NAMED)
        .filter(({ sequence }) => sequence >= firstSequence && sequence <= lastSequence);
      range = reader.fileRange(segment.from, segment.to);
    }
    const damage = {
      firstSequence,
      lastSequence,
      file: segment === undefined ? undefined : join(folder, segment.name),
      fromByte: range.from,
      toByte: range.to,
      readings: frames.reduce((sum, frame) => sum + frame.readings, 0),
      copy: segment === undefined ? undefined : join(folder, FOLDER, `${key}.bin`),
      foundAtUs: nowUs(),
    };
    return { damage, frames };
  }

  private setAside(damage: LogDamage, frames: readonly BrokenFrame[]): void {
    const { disk, folder } = this.deps;
    const aside = join(folder, FOLDER);
    disk.makeFolder(aside);
    if (damage.copy !== undefined && damage.file !== undefined) {
      disk.remove(damage.copy);
      const copy = disk.append(damage.copy);
      for (let at = damage.fromByte; at < damage.toByte; at += STEP_BYTES)
        copy.write([disk.read(damage.file, at, Math.min(STEP_BYTES, damage.toByte - at))]);
      copy.close();
    }
    const path = join(aside, `${nameOf(damage.firstSequence, damage.lastSequence)}.json`);
    disk.remove(path);
    const note = disk.append(path);
    note.write([new TextEncoder().encode(JSON.stringify({ ...damage, frames }, undefined, 1))]);
    note.close();
    disk.syncFolder(aside);
  }
}
