import type { RowWaveform } from "../domain/waveform.ts";

/*
 * Waveforms of a readings frame: their number u32; then of each row u32, dimensions u32, sample rate f64
 * (NaN when unknown), length of each dimension u32, samples f64. Little endian, not aligned.
 */

/** The parts in the order they are written; samples are not copied. None when there is no waveform. */
export function encodeWaveforms(waveforms: readonly RowWaveform[]): Uint8Array[] {
  if (waveforms.length === 0) return [];
  const parts = [new Uint8Array(Uint32Array.of(waveforms.length).buffer)];
  for (const { row, shape, sampleRateHz, samples } of waveforms) {
    const head = new DataView(new ArrayBuffer(16 + shape.length * 4));
    head.setUint32(0, row, true);
    head.setUint32(4, shape.length, true);
    head.setFloat64(8, sampleRateHz ?? Number.NaN, true);
    for (const [d, length] of shape.entries()) head.setUint32(16 + d * 4, length, true);
    const { buffer, byteOffset, byteLength } = samples;
    parts.push(new Uint8Array(head.buffer), new Uint8Array(buffer, byteOffset, byteLength));
  }
  return parts;
}

/** @param bytes from the part's first byte on; the frame's checksum was right. */
export function decodeWaveforms(bytes: Uint8Array): RowWaveform[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 4;
  return Array.from({ length: view.getUint32(0, true) }, () => {
    const row = view.getUint32(at, true);
    const dimensions = view.getUint32(at + 4, true);
    const rate = view.getFloat64(at + 8, true);
    at += 16;
    const shape = Array.from({ length: dimensions }, (_, d) => view.getUint32(at + d * 4, true));
    at += dimensions * 4;
    const samples = new Float64Array(shape.reduce((product, length) => product * length, 1));
    new Uint8Array(samples.buffer).set(bytes.subarray(at, at + samples.byteLength));
    at += samples.byteLength;
    return { row, shape, sampleRateHz: Number.isNaN(rate) ? undefined : rate, samples };
  });
}
