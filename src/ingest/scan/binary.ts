import { WAVEFORM_SAMPLES_MAX } from "../../domain/waveform.ts";
import { type Cursor, fail } from "./cursor.ts";
import { decimal, fixedPoint } from "./decimal.ts";
import { integer, type ReadValue } from "./value.ts";

/** QuestDB's type bytes of a binary field (protocol v2 and v3), little endian. */
const TYPE = {
  float32: 0x02,
  int32: 0x03,
  bool: 0x06,
  timestamp: 0x0d,
  array: 0x0e,
  int64: 0x0f,
  float64: 0x10,
  decimal: 0x17,
} as const;

const NULL: ReadValue = { kind: "null", value: Number.NaN, text: undefined };

/**
 * Reads `=`, a type byte and the value's bytes, which may hold newlines. After damage in here nothing
 * says where the next line begins, so the rest of the body is lost.
 */
export function readBinary(c: Cursor): ReadValue | undefined {
  const type = c.bytes[c.p + 1];
  const at = c.p + 2;
  const view = new DataView(c.bytes.buffer, c.bytes.byteOffset, c.bodyEnd);
  c.isLost = true;
  const read = typeof type === "number" ? readTyped(c, view, type, at) : undefined;
  if (read === undefined)
    return fail(c, `binary field of type 0x${(type ?? 0).toString(16)} is cut short or unknown`);
  const next = c.bytes[c.p];
  if (c.p < c.end && next !== 44 && next !== 32 && next !== 10 && next !== 13)
    return fail(c, "unexpected byte after a binary field");
  c.isLost = false;
  return read;
}

function readTyped(c: Cursor, view: DataView, type: number, at: number): ReadValue | undefined {
  const has = (bytes: number) => at + bytes <= c.end;
  const number = (bytes: number, value: () => number): ReadValue | undefined => {
    if (!has(bytes)) return undefined;
    c.p = at + bytes;
    return { kind: "float", value: value(), text: undefined };
  };
  switch (type) {
    case TYPE.float64:
      return number(8, () => view.getFloat64(at, true));
    case TYPE.float32:
      return number(4, () => view.getFloat32(at, true));
    case TYPE.int32:
      return number(4, () => view.getInt32(at, true));
    case TYPE.int64:
      if (!has(8)) return undefined;
      c.p = at + 8;
      return integer("int", view.getBigInt64(at, true));
    case TYPE.bool: {
      const read = number(1, () => (view.getUint8(at) === 0 ? 0 : 1));
      return read === undefined ? undefined : { ...read, kind: "bool" };
    }
    case TYPE.timestamp:
      return readTimestamp(c, view, at);
    case TYPE.array:
      return readArray(c, view, at);
    case TYPE.decimal:
      return readScaled(c, view, at);
    default:
      return undefined;
  }
}

function readTimestamp(c: Cursor, view: DataView, at: number): ReadValue | undefined {
  if (at + 9 > c.end) return undefined;
  const unit = view.getUint8(at);
  const value = view.getBigInt64(at + 1, true);
  c.p = at + 9;
  // Units as their letters in text: n, t (µs), m.
  if (unit === 0x6e) return integer("int", value / 1000n);
  return integer("int", unit === 0x6d ? value * 1000n : value);
}

function readArray(c: Cursor, view: DataView, at: number): ReadValue | undefined {
  if (at + 2 > c.end) return undefined;
  const elements = view.getUint8(at);
  if (elements === 33) {
    c.p = at + 1;
    return NULL;
  }
  const dims = view.getUint8(at + 1);
  const from = at + 2 + dims * 4;
  if (elements !== 10 || dims > 32 || from > c.end) return undefined;
  const shape = Array.from({ length: dims }, (_, d) => view.getInt32(at + 2 + d * 4, true));
  if (shape.some((length) => length < 0)) return undefined;
  const count = dims === 0 ? 0 : shape.reduce((product, length) => product * length, 1);
  const next = from + count * 8;
  if (next > c.bodyEnd) return undefined;
  c.p = next;
  c.end = Math.min(c.bodyEnd, c.end + count * 8);
  if (count === 0) return NULL;
  if (count > WAVEFORM_SAMPLES_MAX) {
    const reason = `an array of ${count} samples; a waveform has at most ${WAVEFORM_SAMPLES_MAX}`;
    fail(c, `${reason}, send shorter ones`, at);
  }
  // A copy, aligned and of its own; samples are little endian, like this machine.
  const samples = new Float64Array(c.reason === undefined ? count : 0);
  new Uint8Array(samples.buffer).set(c.bytes.subarray(from, from + samples.byteLength));
  return { kind: "array", value: Number.NaN, text: undefined, array: { samples, shape } };
}

function readScaled(c: Cursor, view: DataView, at: number): ReadValue | undefined {
  if (at + 2 > c.end) return undefined;
  const scale = view.getUint8(at);
  const length = view.getUint8(at + 1);
  if (scale > 76 || length > 32 || at + 2 + length > c.end) return undefined;
  c.p = at + 2 + length;
  if (length === 0) return NULL;
  let unscaled = BigInt(view.getInt8(at + 2));
  for (let i = 1; i < length; i++) unscaled = (unscaled << 8n) | BigInt(view.getUint8(at + 2 + i));
  return decimal(fixedPoint(unscaled, scale));
}
