/** What a load consists of. The set of distinct readings depends on neither lateness nor repetition. */
export type Load = {
  /** narrow: one field a line, about 70 bytes; wide: all sensors of an asset in one line. */
  readonly shape: "narrow" | "wide";
  readonly assets: number;
  readonly sensors: readonly string[];
  /** Distinct lines. */
  readonly lines: number;
  readonly linesPerBatch: number;
  /** Event time of the first round; each round of all series is a second later. */
  readonly startS: number;
  /** Whether each round names the series in the same order. Stable when left out. */
  readonly order?: "stable" | "shuffled";
  /** Share of lines that are held back by 60 rounds, so that they come 60 s late. */
  readonly lateShare?: number;
  /** Share of lines that are sent twice, one after the other. */
  readonly duplicateShare?: number;
  readonly seed?: number;
};

export type Batch = { readonly body: Uint8Array<ArrayBuffer>; readonly lines: number };

const LATE_ROUNDS = 60;

/** Pseudo-random numbers in [0, 1), the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function headsOf({ shape, assets, sensors }: Load): string[] {
  const names = Array.from({ length: assets }, (_, at) => `A${String(at).padStart(4, "0")}`);
  if (shape === "wide") return names.map((name) => `pump,asset=${name} `);
  return names.flatMap((name) =>
    sensors.map((sensor) => `readings,asset=${name},sensor=${sensor} value=`),
  );
}

/** Readings that a line of the load carries. */
export function readingsPerLine(load: Pick<Load, "shape" | "sensors">): number {
  return load.shape === "wide" ? load.sensors.length : 1;
}

/** Numbers of a round's heads in the order in which they are sent. */
function orderOf(load: Load, count: number, random: () => number): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length: count }, (_, at) => at);
  if (load.order !== "shuffled") return order;
  for (let at = count - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    const kept = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}

/** Every line of the load in the order of sending, held ones where they are let go. */
function* linesOf(load: Load): Generator<string> {
  const random = randomFrom(load.seed ?? 1);
  const heads = headsOf(load);
  const { lateShare = 0, duplicateShare = 0, sensors } = load;
  const held: { readonly at: number; readonly line: string }[] = [];
  let released = 0;
  let order = new Uint32Array(0);
  for (let next = 0; next < load.lines; next++) {
    const round = Math.floor(next / heads.length);
    const at = next % heads.length;
    if (at === 0) order = orderOf(load, heads.length, random);
    const head = heads[order[at] ?? 0] ?? "";
    const line = `${head}${valuesOf(load.shape, sensors, next)} ${load.startS + round}000000000\n`;
    while ((held[released]?.at ?? Number.POSITIVE_INFINITY) <= next)
      yield held[released++]?.line ?? "";
    if (lateShare > 0 && random() < lateShare)
      held.push({ at: next + LATE_ROUNDS * heads.length, line });
    else {
      yield line;
      if (duplicateShare > 0 && random() < duplicateShare) yield line;
    }
  }
  for (const one of held.slice(released)) yield one.line;
}

function valuesOf(shape: Load["shape"], sensors: readonly string[], next: number): string {
  if (shape === "narrow") return (20 + ((next * 7919) % 10_000) / 1000).toFixed(3);
  return sensors
    .map((sensor, at) => `${sensor}=${(20 + (((next + at) * 7919) % 10_000) / 1000).toFixed(3)}`)
    .join(",");
}

/** The whole load in memory, cut into request bodies. */
export function batchesOf(load: Load): Batch[] {
  const encoder = new TextEncoder();
  const batches: Batch[] = [];
  let body = "";
  let lines = 0;
  const cut = () => {
    if (lines > 0) batches.push({ body: encoder.encode(body), lines });
    body = "";
    lines = 0;
  };
  for (const line of linesOf(load)) {
    body += line;
    if (++lines === load.linesPerBatch) cut();
  }
  cut();
  return batches;
}
