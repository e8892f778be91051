import { expect, test } from "bun:test";
import fc from "fast-check";
import { manualClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { readAll, readings } from "./contract.ts";
import { createLocalLog, DEFAULT_LOG_SETTINGS, type Log, packSegment } from "./index.ts";
import { type SimulatedDisk, simulatedDisk } from "./testdata/simulated-disk.ts";

function open(disk: SimulatedDisk, pace: () => Promise<void>): Log {
  return createLocalLog({
    folder: "/log",
    disk,
    clock: manualClock(1e15),
    logger: silentLogger,
    settings: {
      ...DEFAULT_LOG_SETTINGS,
      diskFloorBytes: 0,
      segmentBytes: 300,
      plainSegments: 0,
    },
    atLeastSequence: 0,
    pack: (files) => packSegment({ disk, ...files, pace }),
    onDamage: () => undefined,
  });
}

/** Values of all readings that the log holds, in their order. */
const valuesOf = (log: Log): number[] =>
  readAll(log).flatMap(([, frame]) => (frame.kind === "readings" ? [...frame.readings.value] : []));

type Step =
  | "write"
  | "write and die"
  | "write and be killed"
  | "fail to flush"
  | "die"
  | "restart"
  | "pack";

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constant<Step>("write") },
    { weight: 1, arbitrary: fc.constant<Step>("write and die") },
    { weight: 1, arbitrary: fc.constant<Step>("write and be killed") },
    { weight: 1, arbitrary: fc.constant<Step>("fail to flush") },
    { weight: 1, arbitrary: fc.constant<Step>("die") },
    { weight: 1, arbitrary: fc.constant<Step>("restart") },
    { weight: 4, arbitrary: fc.constant<Step>("pack") },
  ),
  { minLength: 1, maxLength: 60, size: "max" },
);

/** A log, what it has acknowledged, and a disk that loses its power. */
class History {
  private readonly disk = simulatedDisk();
  private readonly next: () => number;
  private log: Log;
  private value = 0;
  /** Packings that wait between two blocks; one that is left there died with the machine. */
  private waiting: (() => void)[] = [];
  /** Values that were acknowledged, or handed on. */
  readonly told: number[] = [];

  constructor(next: () => number) {
    this.next = next;
    this.log = this.start();
  }

  private start(): Log {
    this.waiting = [];
    return open(this.disk, () => new Promise((resolve) => this.waiting.push(resolve)));
  }

  private async append(): Promise<void> {
    const values = [++this.value, ++this.value];
    await this.log.append(values.map((value) => readings([1, value, value])));
    this.told.push(...values);
  }

  private losePower(): void {
    this.disk.losePowerAtRandom(this.next);
    this.begin();
  }

  /** A start hands on what it finds, so that counts as told from then on. */
  private begin(): void {
    this.log.close(); // writes nothing; a process that has died begins no other packing
    this.log = this.start();
    this.told.push(...valuesOf(this.log));
  }

  async step(step: Step): Promise<void> {
    switch (step) {
      case "write":
        return this.append();
      case "write and die":
        this.disk.holdsSync = true;
        void this.append();
        this.losePower();
        this.disk.holdsSync = false;
        return;
      case "write and be killed":
        this.disk.holdsSync = true;
        void this.append();
        this.begin();
        this.disk.holdsSync = false;
        return;
      case "fail to flush":
        this.disk.failsSync = true;
        await expect(this.append()).rejects.toThrow("cannot write");
        this.disk.failsSync = false;
        return;
      case "die":
        return this.losePower();
      case "restart":
        return this.begin();
      case "pack":
        for (const resolve of this.waiting.splice(0)) resolve();
        await Bun.sleep(0); // the packing's next step
    }
  }

  check(): void {
    const found = valuesOf(this.log);
    expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
    const there = new Set(found);
    expect(this.told.filter((value) => !there.has(value))).toEqual([]);
  }
}

test("whatever the disk forgets: nothing acknowledged is lost or doubled, and order stays", async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      async (list, tosses) => {
        const history = new History(() => tosses.next().value ?? 0);
        for (const step of list) {
          await history.step(step);
          if (step !== "write") history.check();
        }
      },
    ),
    { numRuns: 100 },
  );
}, 120_000);
