import { expect, test } from "bun:test";
import fc from "fast-check";
import { AppError } from "./domain/error.ts";
import { arrayBytes, bodyOf } from "./ingest/scan/testdata/binary-line.ts";
import { BASE_US, line, Plant, rule } from "./testdata/engine-plant.ts";
import { bucketsOf } from "./windows/testdata/model-store.ts";

test("a write is acknowledged with its sequence once it is flushed, then reaches both stores", async () => {
  const plant = new Plant();
  await plant.start();
  const result = await plant.write(`${line(1, BASE_US, 1)}bad\n${line(1, BASE_US + 1, 2)}`);
  expect(result).toMatchObject({ sequence: 3, lines: 3, readings: 2, rejectedLines: 1 });
  expect(result).toMatchObject({ errors: [{ lineNo: 2, line: "bad" }] });
  await plant.finish();
  expect(plant.store.readings.size).toBe(2);
  expect(plant.ledger).toMatchObject({ received: 3, fresh: 2, rejected: 1 });
  expect(plant.series.get(1)).toMatchObject({ deviceKey: "a1", field: "v", kind: "numeric" });
});

test("nothing is acknowledged before the flush", async () => {
  const plant = new Plant();
  await plant.start();
  plant.disk.holdsSync = true;
  let isAnswered = false;
  void plant.write(line(1, BASE_US, 1)).then(() => {
    isAnswered = true;
  });
  await plant.settle();
  expect(isAnswered).toBe(false);
});

test("of a refused QuestDB request no reading is logged", async () => {
  const plant = new Plant();
  await plant.start();
  const refused = await plant.write(`${line(1, BASE_US, 1)}bad\n`, "questdb");
  expect(refused).toMatchObject({ readings: 0, rejectedLines: 1 });
  await plant.write(line(1, BASE_US, 2), "questdb");
  await plant.finish();
  expect([...plant.store.readings.values()]).toEqual([2]);
});

test("a full disk refuses writes, and takes them again when there is room", async () => {
  const plant = new Plant();
  const core = await plant.start();
  await plant.write(line(1, BASE_US, 1));
  plant.disk.free = 10;
  expect(await plant.write(line(2, BASE_US, 1))).toMatchObject({ code: "unavailable" });
  plant.disk.free = 1e9;
  expect(await plant.write(line(2, BASE_US, 2))).toMatchObject({ readings: 1 });
  await core.control([rule({})]);
  await plant.finish();
  expect(plant.store.readings.size).toBe(2);
  // The series of the refused group has its entry all the same.
  expect([...plant.series.values()].map((s) => s.deviceKey)).toEqual(["a1", "a2"]);
});

test("bytes that wait are bounded", async () => {
  const plant = new Plant();
  await plant.start({ pendingBytes: 100 });
  plant.disk.holdsSync = true;
  void plant.write(line(1, BASE_US, 1).repeat(2));
  await plant.settle();
  expect(await plant.write(line(1, BASE_US, 1).repeat(2))).toMatchObject({ code: "unavailable" });
});

test("a source that floods is refused, and others beside it are not", async () => {
  const plant = new Plant();
  await plant.start({ pendingBytes: 1_000 });
  const order: string[] = [];
  let refused = 0;
  for (let i = 1; i <= 30; i++)
    void plant.write(line(1, BASE_US + i, i), "influx", 1).then((result) => {
      if (result instanceof AppError) refused++;
      else order.push("flood");
    });
  for (const sourceNo of [2, 3])
    void plant.write(line(sourceNo, BASE_US, 1), "influx", sourceNo).then((result) => {
      expect(result).toMatchObject({ readings: 1 });
      order.push("small");
    });
  await plant.settle();
  expect(refused).toBeGreaterThan(10);
  await plant.finish();
  expect(order.filter((one) => one === "small").length).toBe(2);
  expect(order.length + refused).toBe(32);
});

test("a rule takes effect at its frame, and its alert survives a restart without opening twice", async () => {
  const plant = new Plant();
  const core = await plant.start();
  await plant.write(line(1, BASE_US, 60));
  await core.control([rule({ holdUs: 0, seriesNos: [1] })]);
  await plant.write(line(1, BASE_US + 1, 61));
  await plant.settle();
  await core.stop();
  await plant.settle();
  const again = await plant.start();
  await plant.write(line(1, BASE_US + 2, 62));
  await again.control([{ kind: "alert-closed", ruleId: "hot", seriesNo: 1, atUs: BASE_US + 3 }]);
  await plant.finish();
  expect(plant.transitions.map((t) => [t.kind, t.reason, t.atUs])).toEqual([
    ["opened", "condition", BASE_US + 1],
    ["closed", "closed by a person", BASE_US + 3],
  ]);
});

test("after a clean stop the next start replays nothing", async () => {
  const plant = new Plant();
  const core = await plant.start();
  for (let i = 0; i < 20; i++) await plant.write(line(i % 3, BASE_US + i, i));
  await plant.settle();
  await core.stop();
  await core.stop();
  await plant.settle();
  await plant.start();
  expect(plant.core?.stats()).toMatchObject({
    snapshotSequence: 23,
    logSequence: 23,
    seriesCount: 3,
  });
  expect(await plant.write(line(1, BASE_US, 1))).toBeInstanceOf(Object);
});

test("the log is deleted behind the consumers and the snapshot that is needed", async () => {
  const plant = new Plant();
  const core = await plant.start();
  for (let i = 0; i < 200; i++) {
    await plant.write(line(1, BASE_US + i, i));
    plant.clock.advanceMs(3_000);
    await plant.settle();
  }
  expect(core.stats().logBytes).toBeLessThan(15_000);
  expect(core.stats().snapshotSequence).toBeGreaterThan(100);
});

test("damaged snapshots are passed over for an older one, and nothing is lost", async () => {
  const plant = new Plant();
  await plant.start();
  plant.isLagging = true; // so that the log is kept
  for (let i = 0; i < 100; i++) await plant.write(line(1, BASE_US + i, i));
  await plant.settle();
  for (const path of plant.disk.paths().filter((p) => p.endsWith(".bin")))
    plant.disk.damage(path, 99);
  plant.isLagging = false;
  await plant.crash(0);
  await plant.finish();
  expect(plant.store.readings.size).toBe(100);
});

test("without the log's older part the fold begins anew, with the series it had, and says so", async () => {
  const plant = new Plant();
  const core = await plant.start();
  for (let i = 0; i < 30; i++) await plant.write(line(1, BASE_US + i, i));
  await plant.settle();
  await core.stop();
  await plant.settle();
  for (const path of plant.disk.paths())
    if (path.startsWith("/log/") || path.endsWith(".bin")) plant.disk.remove(path);
  const again = await plant.start();
  expect(again.isRebuilt).toBe(true);
  expect(plant.failures.at(-1)).toContain("begin anew");
  expect(await plant.write(line(1, BASE_US + 99, 1) + line(2, BASE_US, 1))).toMatchObject({
    sequence: 33,
  });
  await plant.finish();
  expect(plant.store.doubled).toBe(0);
  expect([...plant.series.keys()]).toEqual([1, 2]);
});

const operations = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        op: fc.constant("write" as const),
        rows: fc.array(
          fc.tuple(
            fc.integer({ min: 1, max: 4 }),
            fc.constantFrom(0, 0, 0, -1e6, -70e6, -400e6),
            fc.constantFrom(10, 45, 60, 70),
          ),
          { minLength: 1, maxLength: 8 },
        ),
        stepMs: fc.constantFrom(1, 1_000, 60_000),
      }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constant("lag" as const), on: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant("away" as const), on: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        op: fc.constant("rule" as const),
        threshold: fc.constantFrom(50, 65),
        holdUs: fc.constantFrom(0, 2e6),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        op: fc.constant("crash" as const),
        kept: fc.integer({ min: 0, max: 600 }),
        inFlight: fc.boolean(),
      }),
    },
  ),
  { maxLength: 40 },
);

/** The same rows as waveforms of other devices, half of them sent twice. */
async function writeWaveforms(
  plant: Plant,
  rows: readonly (readonly [number, number, number])[],
  truth: Map<string, string>,
): Promise<void> {
  const half = rows.slice(0, rows.length / 2);
  for (const sent of [rows, half]) {
    const lines = sent.map(([series, offset, value], i) => {
      const at = plant.clock.nowUs() + offset + i;
      truth.set(`w${series} ${at}`, `${value} ${offset} 0.1 at ${value}`);
      const array = arrayBytes([value, offset, 0.1]);
      return bodyOf(`v,asset=w${series} sample_rate_hz=${value},snap=`, array, ` ${at}t\n`);
    });
    const result = await plant.write(bodyOf(...lines), "questdb");
    expect(result).toMatchObject({ rejectedLines: 0, readings: sent.length });
  }
}

async function live(
  steps: readonly (typeof operations extends fc.Arbitrary<infer T> ? T : never)[number][],
  crashes: boolean,
  unappliedRows: number,
) {
  const plant = new Plant();
  await plant.start({ unappliedRows });
  let version = 0;
  let step = 0;
  const truth = new Map<string, number>();
  const waves = new Map<string, string>();
  const linesOf = (rows: readonly (readonly [number, number, number])[]) =>
    rows
      .map(([series, offset, value], i) => line(series, plant.clock.nowUs() + offset + i, value))
      .join("");
  for (const one of steps) {
    step++;
    if (one.op === "write") {
      plant.clock.advanceMs(one.stepMs);
      const result = await plant.write(linesOf(one.rows));
      expect(result).toMatchObject({ rejectedLines: 0 });
      for (const [i, [series, offset, value]] of one.rows.entries())
        truth.set(`a${series} ${plant.clock.nowUs() + offset + i}`, value);
      await writeWaveforms(plant, one.rows, waves);
    } else if (one.op === "lag") plant.isLagging = one.on;
    else if (one.op === "away") plant.isStoreAway = one.on;
    else if (one.op === "rule") {
      version++;
      await plant.core?.control([rule({ version, threshold: one.threshold, holdUs: one.holdUs })]);
    } else if (crashes) {
      // A write is on its way to the disk; its sender will send it again.
      const body = line(1 + (step % 4), plant.clock.nowUs() - 1, 5);
      if (one.inFlight) {
        plant.disk.holdsSync = true;
        void plant.write(body);
        await Promise.resolve();
      }
      await plant.crash(one.kept, { unappliedRows });
      if (one.inFlight) await plant.write(body);
    } else if (one.inFlight) {
      await plant.write(line(1 + (step % 4), plant.clock.nowUs() - 1, 5));
    }
    if (one.op === "crash" && one.inFlight)
      truth.set(`a${1 + (step % 4)} ${plant.clock.nowUs() - 1}`, 5);
    await plant.settle();
  }
  await plant.finish();
  return { plant, truth, waves };
}

test("with crashes at any moment the stores end as they do without: readings, buckets, transitions", async () => {
  await fc.assert(
    fc.asyncProperty(operations, fc.constantFrom(2, 10, 1e6), async (steps, room) => {
      const calm = await live(steps, false, 1e6);
      const stormy = await live(steps, true, room);
      const named = <T>({ plant }: typeof calm, stored: ReadonlyMap<string, T>, first: string) => {
        const pairs = [...stored].map(([key, value]): [string, T] => {
          const [series, at] = key.split(" ");
          return [`${plant.series.get(Number(series))?.deviceKey} ${at}`, value];
        });
        return new Map(pairs.filter(([key]) => key.startsWith(first)).sort());
      };
      for (const run of [calm, stormy]) {
        expect(run.plant.store.doubled).toBe(0);
        const { store } = run.plant;
        expect(named(run, store.readings, "a")).toEqual(new Map([...run.truth].sort()));
        expect(named(run, store.waveforms, "w")).toEqual(new Map([...run.waves].sort()));
        expect(named(run, store.readings, "w").size).toBe(run.waves.size);
        expect(new Map([...run.plant.store.buckets].sort())).toEqual(
          new Map([...bucketsOf(run.plant.store.readings)].sort()),
        );
      }
      const events = ({ plant }: typeof calm) =>
        plant.transitions.map(({ sequence: _s, index: _i, ...rest }) => rest);
      expect(events(stormy)).toEqual(events(calm));
    }),
    { numRuns: 150 },
  );
}, 60_000);

test("rules hold for their source alone, and what they ignore is in its ledger", async () => {
  const plant = new Plant();
  const core = await plant.start();
  const drop = { kind: "drop", part: "field", name: "note" } as const;
  const number = { kind: "convert", name: "v", to: "numeric" } as const;
  const rules = [drop, number].map((change) => ({ measurement: undefined, change }));
  const line = (asset: string, value: string) =>
    `m,asset=${asset} v=${value},note="x" ${BASE_US}\nm v=None\n`;
  core.mapLines([{ sourceNo: 2, rules }]);
  const ok = { rejectedLines: 1 };
  expect(await plant.write(line("a", '"2.5"'), "influx", 2)).toMatchObject({ ...ok, readings: 1 });
  expect(await plant.write(line("b", "1"), "influx", 1)).toMatchObject({ ...ok, readings: 2 });
  // The line is known by its bytes now; from the other source it goes through the rules all the same.
  expect(await plant.write(line("b", "2"), "influx", 2)).toMatchObject({ ...ok, readings: 1 });
  core.mapLines([]);
  const refused = { readings: 0, rejectedLines: 2 };
  expect(await plant.write(line("a", '"2.5"'), "influx", 2)).toMatchObject(refused);
  await plant.finish();
  const { received, fresh, overwrites, rejected, ignored } = plant.ledger;
  expect([fresh, overwrites, rejected, ignored, received]).toEqual([3, 1, 5, 2, 11]);
});
