import { join } from "node:path";
import { AppError, reasonOf } from "./domain/error.ts";
import type { SeriesEntry } from "./domain/series.ts";
import type { EngineFold, FoldMemory } from "./engine-fold.ts";
import type { Logger } from "./lib/logger.ts";
import {
  type Disk,
  decodeFrame,
  encodeFrame,
  HEADER_BYTES,
  isWhole,
  readHeader,
} from "./log/index.ts";

const MAGIC = "FSSNAP01";
const PREFIX_BYTES = 16;
const DICTIONARY = "dictionary.log";
const STEP_BYTES = 8 * 1024 * 1024;

type Column = { readonly name: string; readonly doubles: boolean; readonly length: number };
type Meta = {
  readonly sequence: number;
  readonly dictionaryBytes: number;
  readonly columns: readonly Column[];
  readonly ringCount: number;
} & Pick<FoldMemory, "rules" | "readingsAccepted"> &
  Pick<FoldMemory["windows"], "future" | "lastTexts" | "openBuckets">;

export type LoadedSnapshot = {
  readonly sequence: number;
  readonly entries: readonly SeriesEntry[];
  readonly memory: FoldMemory;
};

/**
 * Snapshots of the fold in a folder: one checksummed file each, renamed into place, and beside them the
 * series dictionary, which only grows: each snapshot says how much of it was there.
 */
export class Snapshots {
  private readonly disk: Disk;
  private readonly folder: string;
  private readonly logger: Logger;
  private dictionaryBytes = 0;
  private dictionaryFrames = 0;
  private sequences: number[] = [];
  /** Bytes of the last one written. */
  lastBytes = 0;

  constructor(deps: { disk: Disk; folder: string; logger: Logger }) {
    this.disk = deps.disk;
    this.folder = deps.folder;
    this.logger = deps.logger;
    this.disk.makeFolder(this.folder);
    for (const { name } of this.disk.list(this.folder)) {
      const match = /^snapshot-(\d{16})\.bin$/.exec(name);
      if (match) this.sequences.push(Number(match[1]));
      else if (name.endsWith(".new")) this.disk.remove(join(this.folder, name));
    }
    this.sequences.sort((a, b) => a - b);
  }

  /** Sequences of the snapshots that are there, ascending. */
  get all(): readonly number[] {
    return this.sequences;
  }

  /**
   * The newest whole snapshot at or before the sequence; a damaged one is named and passed over.
   * What the dictionary holds beyond it is cut: the log brings it again.
   */
  load(notAfter: number): LoadedSnapshot | undefined {
    for (const sequence of [...this.sequences].reverse()) {
      if (sequence > notAfter) continue;
      const read = this.read(sequence);
      if (read === undefined) continue;
      const entries = this.readDictionary(read.meta.dictionaryBytes);
      if (entries === undefined) continue;
      this.cutDictionary(read.meta.dictionaryBytes);
      // One written after it belongs to a history that is replayed now.
      for (const later of this.sequences.filter((s) => s > sequence)) this.remove(later);
      return { sequence, entries, memory: read.memory };
    }
    return undefined;
  }

  /** The newest whole snapshot at or before the sequence, to be read beside the engine's fold. */
  peek(notAfter: number): LoadedSnapshot | undefined {
    for (const sequence of [...this.sequences].reverse()) {
      if (sequence > notAfter) continue;
      const read = this.read(sequence);
      const { entries, bytes } = parseDictionary(
        this.disk,
        this.folder,
        read?.meta.dictionaryBytes ?? 0,
      );
      if (read !== undefined && bytes === read.meta.dictionaryBytes)
        return { sequence, entries, memory: read.memory };
    }
    return undefined;
  }

  /** Every series that the dictionary names. */
  entries(): readonly SeriesEntry[] {
    return parseDictionary(this.disk, this.folder, undefined).entries;
  }

  /**
   * Deletes of those behind the sequence all but `most`, those that stand closest to their neighbour;
   * never the newest.
   */
  thin(sequence: number, most: number): void {
    for (;;) {
      const ahead = this.sequences.filter((s) => s > sequence).sort((a, b) => a - b);
      if (ahead.length <= most) return;
      const gaps = ahead
        .slice(0, -1)
        .map((_, i) => (ahead[i + 1] ?? 0) - (ahead[i - 1] ?? sequence));
      this.remove(ahead[gaps.indexOf(Math.min(...gaps))] ?? 0);
    }
  }

  /**
   * The whole log is replayed. Snapshots that lie ahead of a consumer go: the dictionary is written again
   * from its beginning, and what they say of it would be wrong.
   */
  startAnew(): readonly SeriesEntry[] {
    for (const sequence of [...this.sequences]) this.remove(sequence);
    return [];
  }

  /** Nothing fits: begins anew with the series that the dictionary still names. */
  loadDictionaryOnly(): readonly SeriesEntry[] {
    for (const sequence of [...this.sequences]) this.remove(sequence);
    return this.readDictionary(undefined) ?? [];
  }

  /**
   * Writes a snapshot of the fold as it is now; what the fold does meanwhile is not in it.
   * @param turn lets other work of the thread go first
   */
  async write(fold: EngineFold, turn: () => Promise<void>): Promise<void> {
    const { sequence } = fold;
    const memory = fold.save();
    this.appendDictionary(fold.unsavedEntries);
    fold.unsavedEntries = [];
    const bytes = encodeSnapshot(sequence, this.dictionaryBytes, memory);
    const path = join(this.folder, name(sequence));
    this.disk.remove(`${path}.new`);
    const dictionary = this.disk.append(join(this.folder, DICTIONARY));
    await dictionary.sync();
    dictionary.close();
    const file = this.disk.append(`${path}.new`);
    for (let at = 0; at < bytes.length; at += STEP_BYTES) {
      file.write([bytes.subarray(at, at + STEP_BYTES)]);
      await turn();
    }
    await file.sync();
    file.close();
    this.disk.rename(`${path}.new`, path);
    this.disk.syncFolder(this.folder);
    this.lastBytes = bytes.length;
    if (!this.sequences.includes(sequence)) this.sequences.push(sequence);
  }

  /**
   * Deletes snapshots older than the newest that no consumer lies before.
   * @returns the sequence of that one: the log before it is not needed
   */
  sweep(consumers: number): number {
    const needed = this.sequences.filter((s) => s <= consumers).at(-1) ?? 0;
    for (const older of this.sequences.filter((s) => s < needed)) this.remove(older);
    return needed;
  }

  private remove(sequence: number): void {
    try {
      this.disk.remove(join(this.folder, name(sequence)));
    } catch (error) {
      this.logger.error(`cannot delete ${name(sequence)}: ${reasonOf(error)}`); // the next start tries again
    }
    this.sequences = this.sequences.filter((s) => s !== sequence);
  }

  private read(sequence: number): { meta: Meta; memory: FoldMemory } | undefined {
    const path = join(this.folder, name(sequence));
    try {
      const size =
        this.disk.list(this.folder).find((f) => f.name === name(sequence))?.sizeBytes ?? 0;
      return decodeSnapshot(this.disk.read(path, 0, size));
    } catch (error) {
      this.logger.error(`snapshot ${path} is passed over: ${reasonOf(error)}`);
      return undefined;
    }
  }

  /** The entries in the dictionary's first bytes (all whole ones when undefined). */
  private readDictionary(length: number | undefined): readonly SeriesEntry[] | undefined {
    const { entries, bytes, frames, size } = parseDictionary(this.disk, this.folder, length);
    const path = join(this.folder, DICTIONARY);
    if (length !== undefined && bytes !== length) {
      this.logger.error(`${path} is damaged at byte ${bytes}; an older snapshot is used`);
      return undefined;
    }
    if (length === undefined && bytes < size)
      this.logger.error(
        `${path} is damaged at byte ${bytes}; series named after it are known no more`,
      );
    this.dictionaryBytes = bytes;
    this.dictionaryFrames = frames;
    return entries;
  }

  private cutDictionary(length: number): void {
    const file = this.disk.append(join(this.folder, DICTIONARY));
    file.truncate(length);
    file.close();
  }

  private appendDictionary(entries: readonly SeriesEntry[]): void {
    if (entries.length === 0) return;
    const file = this.disk.append(join(this.folder, DICTIONARY));
    // A failed append before this one may have left a part.
    file.truncate(this.dictionaryBytes);
    const sequence = ++this.dictionaryFrames;
    const parts = encodeFrame({ kind: "dictionary", dictionary: { entries } }, sequence, sequence);
    file.write(parts);
    file.close();
    this.dictionaryBytes += parts.reduce((sum, part) => sum + part.length, 0);
  }
}

const name = (sequence: number): string => `snapshot-${String(sequence).padStart(16, "0")}.bin`;

function columnsOf(memory: FoldMemory): Record<string, Float64Array | Uint32Array> {
  const { windows } = memory;
  return {
    state: windows.state,
    newestUs: windows.newestUs,
    arrivedAtUs: windows.arrivedAtUs,
    nextCloseUs: windows.nextCloseUs,
    times: windows.rings.times,
    values: windows.rings.values,
    knownFrom: windows.rings.knownFrom,
    heads: windows.rings.heads,
  };
}

const TAGS = { nan: "NaN", up: "Infinity", down: "-Infinity" } as const;

/** JSON has no NaN and no infinities; rules and futures may hold them. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? { $n: String(value) } : value;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$n" in value)) return value;
  const text = value.$n;
  return text === TAGS.nan || text === TAGS.up || text === TAGS.down ? Number(text) : value;
}

/** A snapshot's bytes: magic, crc32 of the rest, length of the JSON, the JSON, the columns. */
export function encodeSnapshot(
  sequence: number,
  dictionaryBytes: number,
  memory: FoldMemory,
): Uint8Array {
  const columns = Object.entries(columnsOf(memory));
  const { future, lastTexts, openBuckets, rings } = memory.windows;
  const meta: Meta = {
    sequence,
    dictionaryBytes,
    columns: columns.map(([column, values]) => ({
      name: column,
      doubles: values instanceof Float64Array,
      length: values.length,
    })),
    ringCount: rings.count,
    rules: memory.rules,
    readingsAccepted: memory.readingsAccepted,
    future,
    lastTexts,
    openBuckets,
  };
  const json = new TextEncoder().encode(JSON.stringify(meta, plain));
  const jsonBytes = Math.ceil(json.length / 8) * 8;
  const size = columns.reduce((sum, [, values]) => sum + Math.ceil(values.byteLength / 8) * 8, 0);
  const bytes = new Uint8Array(PREFIX_BYTES + jsonBytes + size);
  bytes.set(new TextEncoder().encode(MAGIC));
  bytes.set(json, PREFIX_BYTES);
  let at = PREFIX_BYTES + jsonBytes;
  for (const [, values] of columns) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += Math.ceil(values.byteLength / 8) * 8;
  }
  const view = new DataView(bytes.buffer);
  view.setUint32(12, json.length, true);
  view.setUint32(8, Bun.hash.crc32(bytes.subarray(12)), true);
  return bytes;
}

/** @throws AppError "internal" when the bytes are not a whole snapshot. */
export function decodeSnapshot(bytes: Uint8Array<ArrayBuffer>): { meta: Meta; memory: FoldMemory } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isWholeFile =
    bytes.length > PREFIX_BYTES &&
    new TextDecoder().decode(bytes.subarray(0, 8)) === MAGIC &&
    view.getUint32(8, true) === Bun.hash.crc32(bytes.subarray(12));
  if (!isWholeFile) throw new AppError("internal", "it is damaged or cut short");
  const jsonLength = view.getUint32(12, true);
  const text = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + jsonLength));
  // The checksum says that these are the bytes `encodeSnapshot` made of a Meta.
  const meta = JSON.parse(text, revive) as Meta;
  let at = PREFIX_BYTES + Math.ceil(jsonLength / 8) * 8;
  const doubles: Record<string, Float64Array> = {};
  let heads = new Uint32Array(0);
  for (const column of meta.columns) {
    const length = column.length * (column.doubles ? 8 : 4);
    const { buffer } = bytes.slice(at, at + length);
    if (column.doubles) doubles[column.name] = new Float64Array(buffer);
    else heads = new Uint32Array(buffer);
    at += Math.ceil(length / 8) * 8;
  }
  const of = (column: string): Float64Array => doubles[column] ?? new Float64Array(0);
  const rings = {
    count: meta.ringCount,
    times: of("times"),
    values: of("values"),
    heads,
    knownFrom: of("knownFrom"),
  };
  const { future, lastTexts, openBuckets, rules, readingsAccepted } = meta;
  const windows = {
    future,
    lastTexts,
    openBuckets,
    rings,
    state: of("state"),
    newestUs: of("newestUs"),
    arrivedAtUs: of("arrivedAtUs"),
    nextCloseUs: of("nextCloseUs"),
  };
  return { meta, memory: { windows, rules, readingsAccepted } };
}

/** Whole entries in the dictionary's first bytes, and where they end. */
function parseDictionary(disk: Disk, folder: string, length: number | undefined) {
  const size = disk.list(folder).find((f) => f.name === DICTIONARY)?.sizeBytes ?? 0;
  const path = join(folder, DICTIONARY);
  const bytes = size === 0 ? new Uint8Array(0) : disk.read(path, 0, length ?? size);
  const entries: SeriesEntry[] = [];
  let at = 0;
  let frames = 0;
  while (at < bytes.length) {
    const header = readHeader(bytes, at);
    if (header === undefined || !isWhole(bytes, at, header)) break;
    const frame = decodeFrame(bytes, at, header);
    if (frame.kind === "dictionary") for (const e of frame.dictionary.entries) entries.push(e);
    at += HEADER_BYTES + header.payloadBytes;
    frames++;
  }
  return { entries, bytes: at, frames, size };
}

/** Series that the dictionary beside the snapshots in a folder names; none when there is no such folder. */
export function readDictionary(disk: Disk, folder: string): readonly SeriesEntry[] {
  try {
    return parseDictionary(disk, folder, undefined).entries;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
