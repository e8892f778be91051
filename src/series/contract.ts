import { afterEach, beforeEach, describe } from "bun:test";
import type { ReadingStoreEngine } from "../domain/reading-store.ts";
import { describeBuckets } from "./contract-buckets.ts";
import type { StoreHarness } from "./contract-case.ts";
import { describeReads, describeRefusals } from "./contract-reads.ts";
import { describeWaveforms } from "./contract-waveforms.ts";
import { describeWrites } from "./contract-writes.ts";
import { batchOf } from "./testing.ts";

/** The behaviour that every engine of the series store has. */
export function describeStore(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(name, () => {
    let harness: StoreHarness;
    let store: ReadingStoreEngine;
    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
    });
    afterEach(async () => {
      await store.stop();
      await harness.dispose();
    });
    const send = async (...batches: readonly Parameters<typeof batchOf>[0][]) => {
      const applied = batches.map((batch) => store.apply(batchOf(batch)));
      await store.flush();
      return Promise.all(applied);
    };
    const reopen = async () => {
      await store.stop();
      store = await harness.open();
    };
    const use = () => ({ store, harness, send, reopen });
    describeWrites(use);
    describeBuckets(use);
    describeReads(use);
    describeRefusals(use);
    describeWaveforms(use);
  });
}
