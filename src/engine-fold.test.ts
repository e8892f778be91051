import { expect, test } from "bun:test";
import fc from "fast-check";
import type { LogFrame } from "./domain/log-frame.ts";
import type { RelationalBatch, StoreBatch } from "./domain/reading.ts";
import type { SeriesEntry } from "./domain/series.ts";
import { EngineFold } from "./engine-fold.ts";
import { decodeSnapshot, encodeSnapshot } from "./engine-snapshots.ts";
import { DEFAULT_WINDOW_SETTINGS } from "./windows/index.ts";

const BASE = 1_700_000_100e6;
const ENTRIES: SeriesEntry[] = [1, 2, 3, 4].map((seriesNo) => ({
  seriesNo,
  tenantNo: 1,
  sourceNo: 1,
  measurement: "m",
  tags: [["asset", seriesNo < 3 ? "a" : "b"]],
  field: `f${seriesNo}`,
  kind: seriesNo === 4 ? "state" : "numeric",
  deviceKey: seriesNo < 3 ? "a" : "b",
  firstAtUs: BASE,
}));
const DICTIONARY: LogFrame = { kind: "dictionary", dictionary: { entries: ENTRIES } };

type Row = {
  series: number;
  atUs: number;
  value: number;
  text: string | undefined;
  receivedAtUs: number;
};
type Event = { row: Row } | { frame: LogFrame };

const moment = fc.record({
  kind: fc.constantFrom("row", "row", "row", "row", "row", "rule", "close", "clock"),
  series: fc.integer({ min: 1, max: 4 }),
  stepUs: fc.constantFrom(0, 1, 1e6, 30e6, 200e6),
  offsetUs: fc.constantFrom(0, 0, 0, -1, -1e6, -50e6, -700e6, 400e6),
  value: fc.constantFrom(1, 5, 9, 12, Number.NaN),
  threshold: fc.constantFrom(4, 8, 11),
});

/** A history as single events in order of arrival. */
const history = fc.array(moment, { maxLength: 100 }).map((moments): Event[] => {
  let nowUs = BASE;
  return moments.map((m, index): Event => {
    nowUs += m.stepUs;
    switch (m.kind) {
      case "rule":
        return {
          frame: {
            kind: "control",
            controls: [
              {
                kind: "rule",
                rule: {
                  ruleId: "r",
                  version: index,
                  tenantNo: 1,
                  severity: "warning",
                  op: "above",
                  threshold: m.threshold,
                  clear: m.threshold - 2,
                  holdUs: m.stepUs,
                  seriesNos: [1, 2, 3],
                },
              },
            ],
          },
        };
      case "close":
        return {
          frame: {
            kind: "control",
            controls: [{ kind: "alert-closed", ruleId: "r", seriesNo: m.series, atUs: nowUs }],
          },
        };
      case "clock":
        return { frame: { kind: "clock", clock: { nowUs } } };
      default: {
        const isState = m.series === 4;
        return {
          row: {
            series: m.series,
            atUs: nowUs + m.offsetUs,
            value: isState ? Number.NaN : m.value,
            text: isState ? `s${m.value}` : undefined,
            receivedAtUs: nowUs,
          },
        };
      }
    }
  });
});

function readingsOf(rows: readonly Row[]): LogFrame {
  return {
    kind: "readings",
    readings: {
      count: rows.length,
      series: Uint32Array.from(rows.map((r) => r.series)),
      atUs: Float64Array.from(rows.map((r) => r.atUs)),
      value: Float64Array.from(rows.map((r) => r.value)),
      texts: rows.flatMap(({ text }, row) => (text === undefined ? [] : [{ row, text }])),
      waveforms: [],
      runs: rows.map(({ receivedAtUs }, i) => ({
        tenantNo: 1,
        sourceNo: 1,
        receivedAtUs,
        endRow: i + 1,
      })),
    },
  };
}

/** Frames with at most so many rows each; other events stand alone. */
function framesOf(events: readonly Event[], rowsMax: (n: number) => number): LogFrame[] {
  const frames: LogFrame[] = [DICTIONARY];
  let rows: Row[] = [];
  const flush = () => {
    if (rows.length > 0) frames.push(readingsOf(rows));
    rows = [];
  };
  for (const event of events) {
    if ("frame" in event) {
      flush();
      frames.push(event.frame);
    } else if (rows.push(event.row) >= rowsMax(frames.length)) flush();
  }
  flush();
  return frames;
}

/** Outputs as plain lists, without sequences, which depend on the grouping. */
function outputsOf(batches: readonly { store: StoreBatch; relational: RelationalBatch }[]) {
  const plain: Record<string, unknown[]> = {
    fresh: [],
    late: [],
    texts: [],
    buckets: [],
    transitions: [],
  };
  const totals: Record<string, number> = {};
  for (const { store, relational } of batches) {
    const { fresh, late, buckets } = store;
    for (let row = 0; row < fresh.count; row++)
      plain.fresh?.push([fresh.series[row], fresh.atUs[row], fresh.value[row]]);
    for (let row = 0; row < late.count; row++)
      plain.late?.push([late.series[row], late.atUs[row], late.value[row]]);
    plain.texts?.push(...store.texts);
    for (let row = 0; row < buckets.count; row++)
      plain.buckets?.push(
        Object.values(buckets).map((column) => (typeof column === "number" ? 0 : column[row])),
      );
    for (const { sequence: _s, index: _i, ...rest } of relational.transitions)
      plain.transitions?.push(rest);
    for (const { lastReceivedAtUs: _l, ...counts } of relational.ledger)
      for (const [key, count] of Object.entries(counts)) totals[key] = (totals[key] ?? 0) + count;
  }
  return {
    ...plain,
    ledger: totals.received ?? 0,
    fresh2: totals.fresh ?? 0,
    late2: totals.late ?? 0,
  };
}

function run(fold: EngineFold, frames: readonly LogFrame[]) {
  const batches: { store: StoreBatch; relational: RelationalBatch }[] = [];
  for (const frame of frames) {
    fold.apply(fold.sequence + 1, frame);
    const store = fold.takeStore();
    const relational = fold.takeRelational();
    if (store && relational) batches.push({ store, relational });
  }
  return batches;
}

/** As text: columns as lists, NaN and infinities by name. */
function plainly(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) => {
    if (typeof held === "number" && !Number.isFinite(held)) return String(held);
    return ArrayBuffer.isView(held) && !(held instanceof DataView)
      ? Array.from(held as Float64Array) // all columns are of numbers
      : held;
  });
}

const newFold = () => new EngineFold({ ...DEFAULT_WINDOW_SETTINGS, maxRings: 2 });

test("folding the same log again gives the same outputs", () => {
  fc.assert(
    fc.property(history, (events) => {
      const frames = framesOf(events, () => 3);
      expect(plainly(run(newFold(), frames))).toBe(plainly(run(newFold(), frames)));
    }),
  );
});

test("how readings are grouped into frames changes no output", () => {
  fc.assert(
    fc.property(
      history,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (events, sizes) => {
        const singly = run(
          newFold(),
          framesOf(events, () => 1),
        );
        const grouped = run(
          newFold(),
          framesOf(events, (n) => sizes[n % sizes.length] ?? 1),
        );
        expect(outputsOf(grouped)).toEqual(outputsOf(singly));
      },
    ),
    { numRuns: 300 },
  );
});

test("fold(a ++ b) is fold(restored from a snapshot of fold(a), b)", () => {
  fc.assert(
    fc.property(history, fc.nat(100), (events, cut) => {
      const frames = framesOf(events, () => 2);
      const at = Math.max(1, Math.min(frames.length, cut));
      const whole = newFold();
      run(whole, frames.slice(0, at));
      const bytes = encodeSnapshot(whole.sequence, 0, whole.save());
      const { meta, memory } = decodeSnapshot(bytes as Uint8Array<ArrayBuffer>); // made by `new Uint8Array(n)`
      const restored = newFold();
      restored.load(meta.sequence, ENTRIES, memory);
      const rest = frames.slice(at);
      expect(plainly(run(restored, rest))).toBe(plainly(run(whole, rest)));
      expect(plainly(restored.save())).toBe(plainly(whole.save()));
    }),
    { numRuns: 300 },
  );
});

test.each([0, 5, 20, 200])("a snapshot damaged at byte %d is refused", (offset) => {
  const fold = newFold();
  fold.apply(1, DICTIONARY);
  const bytes = encodeSnapshot(1, 0, fold.save()).slice();
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  expect(() => decodeSnapshot(bytes)).toThrow("damaged");
  expect(() => decodeSnapshot(bytes.slice(0, offset))).toThrow("damaged");
});

test("quarantined lines are counted and handed on once", () => {
  const fold = newFold();
  const line = {
    tenantNo: 1,
    sourceNo: 2,
    receivedAtUs: 3,
    lineNo: 1,
    column: 1,
    reason: "bad",
    line: "x",
  };
  fold.apply(1, {
    kind: "quarantine",
    quarantine: {
      lines: [line],
      counts: [{ tenantNo: 1, sourceNo: 2, receivedAtUs: 3, rejected: 5 }],
    },
  });
  const batch = fold.takeRelational();
  expect(batch?.quarantine).toEqual([line]);
  expect(batch?.ledger).toMatchObject([{ sourceNo: 2, received: 5, rejected: 5 }]);
  expect(fold.takeRelational()).toBeUndefined();
});
