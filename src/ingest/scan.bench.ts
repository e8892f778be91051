import { Dictionary, KeyTable, Rows, Scanner, startJob } from "./index.ts";

/** Scan and look-up alone, one JSON line a shape: `bun src/ingest/scan.bench.ts`. */
const SENSORS = [
  "vibration",
  "temperature",
  "pressure",
  "flow",
  "current",
  "speed",
  "torque",
  "volt",
];
const ASSETS = 1_000;
const LINES = 16_000;
const ROUNDS = 150;
const WARM_UP = 30;

// A fixed sequence, so that every run scans the same bytes.
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const SHAPES: Readonly<Record<string, (i: number, random: () => number) => string>> = {
  narrow: (i, random) =>
    `readings,asset=A${i % ASSETS},sensor=${SENSORS[Math.floor(i / ASSETS) % 8]} value=${(random() * 10).toFixed(3)}`,
  wide: (i, random) =>
    `pump,asset=A${i % ASSETS} ${SENSORS.map((s) => `${s}=${(random() * 100).toFixed(3)}`).join(",")}`,
  shuffled: (_i, random) =>
    `readings,asset=A${Math.floor(random() * ASSETS)},sensor=${SENSORS[Math.floor(random() * 8)]} value=${(random() * 10).toFixed(3)}`,
  "full doubles": (i, random) =>
    `readings,asset=A${i % ASSETS},sensor=${SENSORS[Math.floor(i / ASSETS) % 8]} value=${random() * 10}`,
  states: (i, random) =>
    `readings,asset=A${i % ASSETS},sensor=mode value="${random() < 0.5 ? "running" : "idle"}"`,
};

for (const [shape, line] of Object.entries(SHAPES)) {
  const random = randomOf(1);
  const text = Array.from(
    { length: LINES },
    (_, i) => `${line(i, random)} ${1_700_000_000 + Math.floor(i / 8_000)}000000000\n`,
  ).join("");
  const body = new TextEncoder().encode(text).slice().buffer;
  const scanner = new Scanner(new Dictionary(1e6), new KeyTable());
  const rows = new Rows(65_536);
  let readings = 0;
  let started = process.cpuUsage();
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    if (round === WARM_UP) {
      started = process.cpuUsage();
      readings = 0;
    }
    const job = startJob(
      { tenantNo: 1, sourceNo: 1, dialect: "influx", precision: "ns", receivedAtUs: 1, body },
      rows,
      scanner.entries,
    );
    while (!scanner.scan(job, rows, 262_144));
    readings += rows.count;
    rows.clear();
    scanner.takeEntries();
  }
  // CPU time: what else runs on the machine does not count.
  const used = process.cpuUsage(started);
  const seconds = (used.user + used.system) / 1e6;
  const row = {
    bench: "scan",
    shape,
    millionReadingsPerCpuSecond: Number((readings / seconds / 1e6).toFixed(2)),
    cpuNsPerReading: Number(((seconds * 1e9) / readings).toFixed(1)),
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
