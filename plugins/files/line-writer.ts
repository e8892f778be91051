const encoder = new TextEncoder();

/**
 * Writes line protocol lines into one buffer, and remembers which line of the file each came from.
 * Nothing is made per reading.
 */
export function createLineWriter(capacityBytes: number) {
  let bytes = new Uint8Array(capacityBytes);
  let length = 0;
  let lineStart = 0;
  let lineNo = 0;
  let origin: [number, number][] = [];
  let fileLineNext = -1;

  const reserve = (more: number) => {
    if (length + more <= bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes.length * 2, length + more));
    larger.set(bytes.subarray(0, length));
    bytes = larger;
  };
  const append = (part: Uint8Array, start: number, end: number) => {
    reserve(end - start);
    // A loop beats set(subarray) for the few bytes of a name or a number.
    for (let at = start; at < end; at++) bytes[length++] = part[at] ?? 0;
  };
  const digits = (value: number, width: number) => {
    let rest = value;
    for (let at = length + width - 1; at >= length; at--) {
      const tens = Math.floor(rest / 10);
      bytes[at] = 48 + rest - tens * 10;
      rest = tens;
    }
    length += width;
  };

  return {
    append,
    text(text: string) {
      const part = encoder.encode(text);
      append(part, 0, part.length);
    },
    byte(value: number) {
      reserve(1);
      bytes[length++] = value;
    },
    /** Ends the line with its time, which is whole µs since epoch. */
    endLine(atUs: number, fileLine: number) {
      reserve(24);
      bytes[length++] = 32;
      if (atUs < 0) bytes[length++] = 45;
      const all = Math.abs(atUs);
      const high = Math.floor(all / 1e8);
      if (high > 0) digits(high, widthOf(high));
      digits(all - high * 1e8, high > 0 ? 8 : widthOf(all));
      bytes[length++] = 10;
      lineNo++;
      if (fileLine !== fileLineNext) origin.push([lineNo, fileLine]);
      fileLineNext = fileLine + 1;
      lineStart = length;
    },
    /** Forgets the line that is not ended. */
    dropLine() {
      length = lineStart;
    },
    /** Bytes of the line that is not ended. */
    lineBytes: () => length - lineStart,
    size: () => length,
    /** The lines so far, in a buffer of their own, and whence they come. */
    take() {
      const taken = { bytes: bytes.slice(0, lineStart), origin };
      length = 0;
      lineStart = 0;
      lineNo = 0;
      origin = [];
      fileLineNext = -1;
      return taken;
    },
  };
}

function widthOf(value: number): number {
  let width = 1;
  for (let limit = 10; value >= limit; limit *= 10) width++;
  return width;
}
