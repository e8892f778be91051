import type { Plant } from "./plant.ts";
import { HISTORY_STEP_US, type Playback, playback, SIGNALS_PER_MACHINE } from "./readings.ts";

/** Largest chunk of lines handed out at once. */
export const CHUNK_BYTES = 1_000_000;
/** Bound of one moment's lines; the plant's 24 lines take about 3 kB. */
const MOMENT_BYTES = 24_000;

const COMMA = 44;
const SPACE = 32;
const POINT = 46;
const ZERO = 48;

/** Lines of one machine: `pump,asset=P-101 speed=2711,flow=213.4 1764028800000000000`. */
type LineShape = {
  readonly head: Uint8Array;
  readonly fields: readonly Uint8Array[];
  readonly decimals: readonly number[];
};

/** Writes lines into a buffer it is given; returns the new end. */
type LineWriter = (play: Playback, atUs: number, into: Uint8Array, from: number) => number;

function lineWriter(plant: Plant): LineWriter {
  const encoder = new TextEncoder();
  const shapes: LineShape[] = plant.machines.map((machine) => ({
    head: encoder.encode(`${machine.type.measurement},asset=${machine.key} `),
    fields: machine.type.signals.map((signal) => encoder.encode(`${signal.name}=`)),
    decimals: machine.type.signals.map((signal) => signal.decimals),
  }));
  return (play, atUs, into, from) => {
    const values = play.at(atUs);
    const tail = encoder.encode(` ${Math.round(atUs)}000\n`);
    let end = from;
    shapes.forEach((shape, m) => {
      const lineStart = end;
      end = copy(shape.head, into, end);
      const fieldStart = end;
      for (let s = 0; s < SIGNALS_PER_MACHINE; s++) {
        const value = values[m * SIGNALS_PER_MACHINE + s] ?? Number.NaN;
        const field = shape.fields[s];
        if (field === undefined || Number.isNaN(value)) continue;
        if (end > fieldStart) into[end++] = COMMA;
        end = copy(field, into, end);
        end = writeFixed(value, shape.decimals[s] ?? 0, into, end);
      }
      end = end === fieldStart ? lineStart : copy(tail, into, end);
    });
    return end;
  };
}

function copy(bytes: Uint8Array, into: Uint8Array, from: number): number {
  for (let i = 0; i < bytes.length; i++) into[from + i] = bytes[i] ?? SPACE;
  return from + bytes.length;
}

/** Writes a non-negative number with a fixed count of decimals. */
function writeFixed(value: number, decimals: number, into: Uint8Array, from: number): number {
  let whole = Math.round(value * 10 ** decimals);
  let digits = decimals + 1;
  for (
    let left = Math.floor(whole / 10 ** (decimals + 1));
    left > 0;
    left = Math.floor(left / 10)
  ) {
    digits++;
  }
  const length = digits + (decimals > 0 ? 1 : 0);
  for (let i = length - 1, written = 0; i >= 0; i--) {
    if (decimals > 0 && written === decimals) {
      into[from + i] = POINT;
      written++;
      continue;
    }
    into[from + i] = ZERO + (whole % 10);
    whole = Math.floor(whole / 10);
    written++;
  }
  return from + length;
}

/**
 * Line protocol of every reading in [fromUs, toUs), in order of time over all machines, as chunks of
 * whole lines of at most `CHUNK_BYTES`; times are nanoseconds. The default spacing is the history's;
 * a finer one fills a gap after a stop. Times are multiples of the spacing.
 */
export function* historyLines(
  plant: Plant,
  fromUs: number,
  toUs: number,
  stepUs: number = HISTORY_STEP_US,
): Generator<Uint8Array<ArrayBuffer>, void, void> {
  const write = lineWriter(plant);
  const play = playback(plant, fromUs);
  let chunk = new Uint8Array(CHUNK_BYTES);
  let end = 0;
  for (let atUs = Math.ceil(fromUs / stepUs) * stepUs; atUs < toUs; atUs += stepUs) {
    end = write(play, atUs, chunk, end);
    if (end > CHUNK_BYTES - MOMENT_BYTES) {
      yield chunk.subarray(0, end);
      chunk = new Uint8Array(CHUNK_BYTES);
      end = 0;
    }
  }
  if (end > 0) yield chunk.subarray(0, end);
}

/** The plant as it goes on after its history. */
export type LivePlant = {
  /** Lines of every machine at one moment; moments must not go back. */
  linesAt(atUs: number): Uint8Array<ArrayBuffer>;
};

/** Goes on at any time: what it sends depends on the plant and the time alone. */
export function livePlant(plant: Plant): LivePlant {
  const write = lineWriter(plant);
  let play: Playback | undefined;
  let lastUs = Number.NEGATIVE_INFINITY;
  return {
    linesAt(atUs) {
      // After a longer gap the machines are warmed up anew.
      if (play === undefined || atUs - lastUs > HISTORY_STEP_US) play = playback(plant, atUs);
      lastUs = atUs;
      const into = new Uint8Array(MOMENT_BYTES);
      return into.subarray(0, write(play, atUs, into, 0));
    },
  };
}
