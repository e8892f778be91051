import { expect } from "bun:test";
import { onEveryPlace } from "../test/services/relational.ts";
import { systemActor } from "./domain/actor.ts";
import type { WriteRequest } from "./domain/engine.ts";
import { createSampleRates } from "./sample-rates.ts";

onEveryPlace("a source's sample rate", ({ test, store }) => {
  async function source(tenantId: string) {
    const who = systemActor(tenantId, "test");
    await store().tenants.create({ id: tenantId, name: tenantId }, who);
    return { who, source: await store().sources.ensure(who, { name: "g", kind: "line-protocol" }) };
  }

  test("is set, audited, and taken away; other changes leave it", async () => {
    const { who, source: made } = await source("rate-set");
    const { sources, audit } = store();
    expect(made.sampleRateHz).toBeUndefined();
    await sources.update(who, made.id, { sampleRateHz: 25_600.5 });
    await sources.update(who, made.id, { name: "gateway" });
    expect(await sources.get(who, made.id)).toMatchObject({ sampleRateHz: 25_600.5 });
    expect((await sources.sampleRates()).get(made.no)).toBe(25_600.5);
    await sources.update(who, made.id, { sampleRateHz: undefined });
    expect((await sources.get(who, made.id))?.sampleRateHz).toBeUndefined();
    expect((await sources.sampleRates()).has(made.no)).toBe(false);
    const { items } = await audit.list(who, { nounId: made.id, action: "source.update" });
    expect(items.map(({ before, after }) => [before, after])).toMatchObject([
      [{ sampleRateHz: 25_600.5 }, {}],
      [{ name: "g" }, { name: "gateway" }],
      [{}, { sampleRateHz: 25_600.5 }],
    ]);
  });

  test("cannot be nothing, negative or beyond its bound", async () => {
    const { who, source: made } = await source("rate-bad");
    for (const sampleRateHz of [0, -1, Number.NaN, 1e10]) {
      const update = store().sources.update(who, made.id, { sampleRateHz });
      await expect(update).rejects.toMatchObject({ code: "invalid" });
    }
  });

  test("goes with the requests of its source from then on", async () => {
    const { who, source: made } = await source("rate-sent");
    const rates = await createSampleRates(store().sources);
    const request: WriteRequest = {
      ...{ tenantNo: 1, sourceNo: made.no, receivedAtUs: 1, body: new ArrayBuffer(0) },
      ...{ dialect: "questdb", precision: "us" },
    };
    expect(rates.rated(request)).toBe(request);
    await rates.sources.update(who, made.id, { sampleRateHz: 100 });
    expect(rates.rated(request).sampleRateHz).toBe(100);
    const again = await createSampleRates(store().sources);
    expect(again.rated(request).sampleRateHz).toBe(100);
    await rates.sources.update(who, made.id, { sampleRateHz: undefined });
    expect(rates.rated(request).sampleRateHz).toBeUndefined();
  });
});
