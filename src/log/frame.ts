import type { LogFrame, ReadingsFrame, RowText, SourceRun } from "../domain/log-frame.ts";
import { decodeWaveforms, encodeWaveforms } from "./waveform-part.ts";

/**
 * A frame on disk: a header of 64 bytes, then the payload, a multiple of 8 bytes. Little endian.
 *
 *   0 magic · 4 kind u8, flags u8 · 8 payload bytes u32 · 12 crc32 of bytes 16–60 and the payload
 *   16 sequence f64 · 24 rows u32 · 28 runs u32 · 32 tail bytes u32 · 36 texts u32
 *   40 first time f64 · 48 first sequence of the group that was written with it f64 · 60 crc32 of 0–60
 *
 * Readings: value f64, time (i32 offset from the first, or f64 when WIDE), series u32, runs (tenant u32,
 * source u32, received f64, end row u32, flags u32: 1 history), texts (row u32, bytes u32, UTF-8), and
 * when WAVEFORMS what `waveform-part.ts` says. Other kinds: JSON.
 */
export const HEADER_BYTES = 64;
const MAGIC = 0x314c5346; // "FSL1"
const WIDE = 1;
const WAVEFORMS = 2;
const RUN_BYTES = 24;
const HISTORY = 1;
const KINDS = ["readings", "dictionary", "control", "clock", "quarantine"] as const;

const crc32 = (bytes: Uint8Array, seed: number): number => Bun.hash.crc32(bytes, seed);

/** What a header says. */
export type Header = {
  readonly kind: (typeof KINDS)[number];
  readonly isWide: boolean;
  readonly hasWaveforms: boolean;
  readonly payloadBytes: number;
  readonly crc: number;
  readonly sequence: number;
  readonly groupFirst: number;
  readonly count: number;
  readonly runs: number;
  readonly tailBytes: number;
  readonly texts: number;
  readonly firstAtUs: number;
};

type Body = Pick<
  Header,
  "count" | "runs" | "tailBytes" | "texts" | "firstAtUs" | "isWide" | "hasWaveforms"
> & {
  readonly parts: readonly Uint8Array[];
};

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** The frame's parts in the order they are written; columns are not copied. */
export function encodeFrame(frame: LogFrame, sequence: number, groupFirst: number): Uint8Array[] {
  const body = frame.kind === "readings" ? readingsBody(frame.readings) : jsonBody(frame);
  const size = body.parts.reduce((sum, part) => sum + part.length, 0);
  const pad = new Uint8Array((8 - (size % 8)) % 8);
  const parts = [...body.parts, pad];
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, KINDS.indexOf(frame.kind));
  view.setUint8(5, (body.isWide ? WIDE : 0) | (body.hasWaveforms ? WAVEFORMS : 0));
  view.setUint32(8, size + pad.length, true);
  view.setFloat64(16, sequence, true);
  view.setUint32(24, body.count, true);
  view.setUint32(28, body.runs, true);
  view.setUint32(32, body.tailBytes, true);
  view.setUint32(36, body.texts, true);
  view.setFloat64(40, body.firstAtUs, true);
  view.setFloat64(48, groupFirst, true);
  let crc = crc32(header.subarray(16, 60), 0);
  for (const part of parts) if (part.length > 0) crc = crc32(part, crc);
  view.setUint32(12, crc, true);
  view.setUint32(60, crc32(header.subarray(0, 60), 0), true);
  return [header, ...parts];
}

function jsonBody(frame: Exclude<LogFrame, { kind: "readings" }>): Body {
  const value =
    frame.kind === "dictionary"
      ? frame.dictionary
      : frame.kind === "control"
        ? frame.controls
        : frame.kind === "clock"
          ? frame.clock
          : frame.quarantine;
  const text = new TextEncoder().encode(JSON.stringify(value));
  return {
    count: 0,
    runs: 0,
    tailBytes: text.length,
    texts: 0,
    firstAtUs: 0,
    isWide: false,
    hasWaveforms: false,
    parts: [text],
  };
}

function readingsBody(frame: ReadingsFrame): Body {
  const { count, atUs } = frame;
  const firstAtUs = count === 0 ? 0 : (atUs[0] ?? 0);
  const offsets = new Int32Array(count);
  let isWide = false;
  for (let row = 0; row < count; row++) {
    const offset = (atUs[row] ?? 0) - firstAtUs;
    if (offset > 2147483647 || offset < -2147483648) {
      isWide = true;
      break;
    }
    offsets[row] = offset;
  }
  const tail = encodeTexts(frame.texts);
  return {
    count,
    runs: frame.runs.length,
    tailBytes: tail.length,
    texts: frame.texts.length,
    firstAtUs,
    isWide,
    hasWaveforms: frame.waveforms.length > 0,
    parts: [
      bytesOf(frame.value.subarray(0, count)),
      bytesOf(isWide ? atUs.subarray(0, count) : offsets),
      bytesOf(frame.series.subarray(0, count)),
      encodeRuns(frame.runs),
      tail,
      ...encodeWaveforms(frame.waveforms),
    ],
  };
}

function encodeRuns(runs: readonly SourceRun[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(runs.length * RUN_BYTES));
  for (const [index, run] of runs.entries()) {
    const at = index * RUN_BYTES;
    view.setUint32(at, run.tenantNo, true);
    view.setUint32(at + 4, run.sourceNo, true);
    view.setFloat64(at + 8, run.receivedAtUs, true);
    view.setUint32(at + 16, run.endRow, true);
    view.setUint32(at + 20, run.isHistory === true ? HISTORY : 0, true);
  }
  return bytesOf(view);
}

function encodeTexts(texts: readonly RowText[]): Uint8Array {
  if (texts.length === 0) return new Uint8Array(0);
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (const { row, text } of texts) {
    const bytes = encoder.encode(text);
    parts.push(bytesOf(Uint32Array.of(row, bytes.length)), bytes);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** The header at `at`, or undefined when the bytes there are none. */
export function readHeader(bytes: Uint8Array, at: number): Header | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  if (view.getUint32(60, true) !== crc32(bytes.subarray(at, at + 60), 0)) return undefined;
  const kind = KINDS[view.getUint8(4)];
  if (kind === undefined) return undefined;
  return {
    kind,
    isWide: (view.getUint8(5) & WIDE) !== 0,
    hasWaveforms: (view.getUint8(5) & WAVEFORMS) !== 0,
    payloadBytes: view.getUint32(8, true),
    crc: view.getUint32(12, true),
    sequence: view.getFloat64(16, true),
    count: view.getUint32(24, true),
    runs: view.getUint32(28, true),
    tailBytes: view.getUint32(32, true),
    texts: view.getUint32(36, true),
    firstAtUs: view.getFloat64(40, true),
    groupFirst: view.getFloat64(48, true),
  };
}

/** Whether the whole frame at `at` is as it was written. */
export function isWhole(bytes: Uint8Array, at: number, header: Header): boolean {
  const end = at + HEADER_BYTES + header.payloadBytes;
  if (end > bytes.length) return false;
  const crc = crc32(bytes.subarray(at + 16, at + 60), 0);
  const payload = bytes.subarray(at + HEADER_BYTES, end);
  return (payload.length > 0 ? crc32(payload, crc) : crc) === header.crc;
}

/** The frame whose header stands at `at`; `isWhole` was true of it. */
export function decodeFrame(bytes: Uint8Array, at: number, header: Header): LogFrame {
  const payload = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + header.payloadBytes);
  if (header.kind === "readings")
    return { kind: "readings", readings: decodeReadings(payload, header) };
  const text = new TextDecoder().decode(payload.subarray(0, header.tailBytes));
  // The checksum says that these bytes are what `encodeFrame` made of a frame of this kind.
  const value = JSON.parse(text);
  switch (header.kind) {
    case "dictionary":
      return { kind: "dictionary", dictionary: value };
    case "control":
      return { kind: "control", controls: value };
    case "clock":
      return { kind: "clock", clock: value };
    case "quarantine":
      return { kind: "quarantine", quarantine: value };
  }
}

function decodeReadings(payload: Uint8Array, header: Header): ReadingsFrame {
  const { count } = header;
  // A copy, so that columns are aligned and outlive the buffer that was read.
  const copy = payload.slice();
  const { buffer } = copy;
  const value = new Float64Array(buffer, 0, count);
  let at = count * 8;
  let atUs: Float64Array;
  if (header.isWide) {
    atUs = new Float64Array(buffer, at, count);
    at += count * 8;
  } else {
    const offsets = new Int32Array(buffer, at, count);
    at += count * 4;
    atUs = new Float64Array(count);
    for (let row = 0; row < count; row++) atUs[row] = header.firstAtUs + (offsets[row] ?? 0);
  }
  const series = new Uint32Array(buffer, at, count);
  at += count * 4;
  const runs = decodeRuns(new DataView(buffer, at, header.runs * RUN_BYTES));
  at += header.runs * RUN_BYTES;
  const texts = decodeTexts(copy.subarray(at), header.texts);
  at += header.tailBytes;
  const waveforms = header.hasWaveforms ? decodeWaveforms(copy.subarray(at)) : [];
  return { count, series, atUs, value, runs, texts, waveforms };
}

function decodeRuns(view: DataView): SourceRun[] {
  const runs: SourceRun[] = [];
  for (let at = 0; at < view.byteLength; at += RUN_BYTES)
    runs.push({
      tenantNo: view.getUint32(at, true),
      sourceNo: view.getUint32(at + 4, true),
      receivedAtUs: view.getFloat64(at + 8, true),
      endRow: view.getUint32(at + 16, true),
      ...((view.getUint32(at + 20, true) & HISTORY) === 0 ? {} : { isHistory: true }),
    });
  return runs;
}

function decodeTexts(bytes: Uint8Array, count: number): RowText[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const texts: RowText[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const row = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    at += 8;
    texts.push({ row, text: decoder.decode(bytes.subarray(at, at + length)) });
    at += length;
  }
  return texts;
}
