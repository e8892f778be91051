/** QuestDB's bytes of an array of doubles, from its `=` on; the dimensions are written as they are given. */
export function arrayBytes(samples: readonly number[], shape = [samples.length]): Uint8Array {
  const bytes = new Uint8Array(4 + shape.length * 4 + samples.length * 8);
  const view = new DataView(bytes.buffer);
  bytes.set([61, 0x0e, 10, shape.length]);
  for (const [d, length] of shape.entries()) view.setInt32(4 + d * 4, length, true);
  for (const [i, value] of samples.entries())
    view.setFloat64(4 + shape.length * 4 + i * 8, value, true);
  return bytes;
}

/** QuestDB's bytes of a double, from its `=` on. */
export function doubleBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(10);
  bytes.set([61, 0x10]);
  new DataView(bytes.buffer).setFloat64(2, value, true);
  return bytes;
}

/** Texts and bytes as one body. */
export function bodyOf(...parts: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));
}
