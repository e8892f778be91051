import { expect } from "bun:test";
import fc from "fast-check";
import { onEveryPlace } from "../../test/services/relational.ts";
import { systemActor } from "../domain/actor.ts";
import type { NewModel } from "../domain/model-store.ts";
import type { Relational } from "../domain/relational.ts";

async function plant(store: Relational, id: string) {
  const who = systemActor(id, "test");
  await store.tenants.create({ id, name: id }, who);
  const type = await store.assetTypes.create(who, { name: "pump" });
  const asset = await store.assets.create(who, { key: "P-1", typeId: type.id });
  const model: NewModel = {
    ...{
      assetTypeId: type.id,
      target: "remaining-life",
      learner: "forest",
      seed: 7,
      trainedAtUs: 9,
    },
    ...{ metrics: { rmse: 1.5 }, importance: [["temp", 0.5]], settings: {} },
    artifact: Uint8Array.from({ length: 300 }, (_, i) => i),
  };
  return { who, type, asset, model };
}

onEveryPlace("predictions", ({ test, store }) => {
  test("feature rows come back to the last bit, missing values too", async () => {
    const { who, type, asset } = await plant(store(), "bits");
    await store().features.ensureSet(who, {
      id: "s",
      assetTypeId: type.id,
      names: ["a", "b", "c"],
    });
    await fc.assert(
      fc.asyncProperty(
        fc.float64Array({ minLength: 3, maxLength: 3 }),
        fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
        async (values, atUs) => {
          const row = { assetId: asset.id, atUs, step: 0.1, coverage: 1, reconstructed: true };
          await store().features.put(who, "s", [{ ...row, values }]);
          const range = { assetIds: [asset.id], fromUs: atUs, toUs: atUs + 1 };
          const [back] = await store().features.read(who, "s", range);
          expect(back).toMatchObject(row);
          const bits = (doubles: Float64Array | undefined) =>
            new BigUint64Array(new Float64Array(doubles ?? []).buffer);
          expect(bits(back?.values)).toEqual(bits(values));
        },
      ),
      { numRuns: 25 },
    );
  });

  test("a row computed live stays as computed; a reconstructed one is made anew", async () => {
    const { who, type, asset } = await plant(store(), "live");
    await store().features.ensureSet(who, { id: "s", assetTypeId: type.id, names: ["a"] });
    const row = (atUs: number, value: number, reconstructed: boolean) => ({
      ...{ assetId: asset.id, atUs, step: atUs, coverage: 1, reconstructed },
      values: Float64Array.of(value),
    });
    expect(await store().features.put(who, "s", [row(1, 1, false), row(2, 1, true)])).toBe(2);
    const again = [row(1, 5, false), row(1, 6, true), row(2, 7, true), row(3, 8, false)];
    expect(await store().features.put(who, "s", again)).toBe(2);
    const rows = await store().features.read(who, "s");
    expect(rows.map((one) => one.values[0])).toEqual([1, 7, 8]);
    expect(await store().features.latest(who, "s")).toMatchObject([{ atUs: 3 }]);
    await expect(store().features.put(who, "other", [])).rejects.toMatchObject({
      code: "not-found",
    });
  });

  test("of the models for a target one at most is champion, and its bytes are kept", async () => {
    const { who, type, model } = await plant(store(), "models");
    const first = await store().models.add(who, model, { idempotencyKey: "a" });
    expect(await store().models.add(who, model, { idempotencyKey: "a" })).toEqual(first);
    const second = await store().models.add(who, { ...model, learner: "gbdt" });
    expect([first.number, second.number, first.stage]).toEqual([1, 2, "challenger"]);
    expect(first.hash).toBe(second.hash);
    expect(await store().models.artifact(who, first.id)).toEqual(model.artifact);
    const champion = () => store().models.champion(who, type.id, "remaining-life");
    expect(await champion()).toBeUndefined();
    await store().models.promote(who, first.id, "the first one");
    await store().models.promote(who, second.id, "better by 3 days");
    expect(await champion()).toMatchObject({ id: second.id, reason: "better by 3 days" });
    const stages = (await store().models.list(who)).map((row) => [row.number, row.stage]);
    expect(stages.sort()).toEqual([
      [1, "retired"],
      [2, "champion"],
    ]);
    await expect(store().models.promote(who, first.id, " ")).rejects.toMatchObject({
      code: "invalid",
    });
  });

  test("models promoted at once leave one champion", async () => {
    const { who, type, model } = await plant(store(), "at-once");
    const made = [];
    for (let i = 0; i < 3; i++) made.push(await store().models.add(who, model));
    await Promise.allSettled(made.map((row) => store().models.promote(who, row.id, "go")));
    const stages = (await store().models.list(who, { assetTypeId: type.id })).map(
      (row) => row.stage,
    );
    expect(stages.filter((stage) => stage === "champion").length).toBe(1);
  });

  test("the newest prediction and health of each asset are found, older ones in order", async () => {
    const { who, asset, model } = await plant(store(), "newest");
    const { id: modelId } = await store().models.add(who, model);
    const at = (atUs: number, id: string | undefined, chance: number) => ({
      ...{
        assetId: asset.id,
        atUs,
        modelId: id,
        fallback: id === undefined,
        failureChance: chance,
      },
      ...{ horizonSteps: 336, remaining: 40.25, remainingLow: 30, remainingHigh: 55, unit: "h" },
      ...{ coverage: 0.98, explanation: { parts: [["temp", -0.25]] } },
    });
    await store().predictions.put(who, [at(2, modelId, 0.2), at(1, undefined, 0.1)]);
    await store().predictions.put(who, [at(2, modelId, 0.3), at(1, undefined, 0.15)]);
    const history = await store().predictions.history(who, asset.id);
    expect(history.map((one) => [one.atUs, one.failureChance, one.modelId])).toEqual([
      ...[
        [1, 0.15, undefined],
        [2, 0.3, modelId],
      ],
    ]);
    const [latest] = await store().predictions.latest(who);
    expect(latest).toMatchObject(at(2, modelId, 0.3));
    expect(await store().predictions.get(who, latest?.id ?? "")).toEqual(latest);
    const health = (atUs: number, score: number) => ({ assetId: asset.id, atUs, score, parts: [] });
    await store().predictions.putHealth(who, [health(1, 90), health(2, 80), health(2, 81.5)]);
    expect(await store().predictions.latestHealth(who)).toEqual([health(2, 81.5)]);
    const scores = await store().predictions.healthHistory(who, asset.id, 1);
    expect(scores.map((one) => one.score)).toEqual([81.5]);
  });

  test("a scheduled run begins once; one that a stop cut off is told apart", async () => {
    const { who } = await plant(store(), "runs");
    const due = { job: "train", trigger: "schedule", dueAtUs: 100 } as const;
    const begun = await Promise.all([
      store().jobRuns.begin(who, due),
      store().jobRuns.begin(who, due),
    ]);
    const [run] = begun.filter((one) => one !== undefined);
    expect(begun.filter((one) => one === undefined).length).toBe(1);
    expect(await store().jobRuns.begin(who, { ...due, trigger: "catch-up" })).toBeUndefined();
    const asked = await store().jobRuns.begin(who, { ...due, trigger: "person" });
    await store().jobRuns.progress(who, run?.id ?? "", 0.5, "reading");
    expect(await store().jobRuns.get(who, run?.id ?? "")).toMatchObject({
      progress: 0.5,
      step: "reading",
    });
    const counts = { models: 2 };
    const done = await store().jobRuns.finish(who, run?.id ?? "", { status: "succeeded", counts });
    expect(done).toMatchObject({ status: "succeeded", progress: 1, counts });
    expect(await store().jobRuns.interruptAll()).toBe(1);
    expect(await store().jobRuns.get(who, asked?.id ?? "")).toMatchObject({
      status: "interrupted",
    });
    expect(await store().jobRuns.lastDue(who, "train")).toBe(100);
    expect(await store().jobRuns.lastDue(who, "score")).toBeUndefined();
  });

  test("an upload keeps its counts and its first errors; a connector where it stands", async () => {
    const { who } = await plant(store(), "files");
    const file = {
      name: "a.csv",
      kind: "readings",
      blobKey: "k",
      sizeBytes: 12,
      sha256: "x",
    } as const;
    const upload = await store().uploads.create(who, file);
    const errors = Array.from({ length: 1_200 }, (_, i) => ({
      lineNo: i,
      reason: "bad",
      line: "x",
    }));
    const counts = { rows: 1_300, rowsTaken: 100, rowsRefused: 1_200 };
    const after = await store().uploads.report(who, upload.id, {
      status: "done",
      ...counts,
      errors,
    });
    expect([after.rowsRefused, after.errors.length, after.status]).toEqual([1_200, 1_000, "done"]);
    expect((await store().uploads.list(who)).map((one) => one.id)).toEqual([upload.id]);
    const settings = { path: "/in", batchRows: 10 };
    const connector = await store().connectors.create(who, {
      name: "in",
      plugin: "files",
      settings,
    });
    expect(await store().connectors.checkpoint(who, connector.id)).toBeUndefined();
    await store().connectors.saveCheckpoint(who, connector.id, "1");
    await store().connectors.saveCheckpoint(who, connector.id, "2");
    expect(await store().connectors.checkpoint(who, connector.id)).toBe("2");
    const off = await store().connectors.update(
      who,
      connector.id,
      { enabled: false },
      { version: 1 },
    );
    expect(off).toMatchObject({ enabled: false, settings, version: 2 });
    await store().connectors.remove(who, connector.id);
    expect(await store().connectors.checkpoint(who, connector.id)).toBeUndefined();
    expect(await store().settings.set(who, "theme", { dark: true })).toEqual({ version: 1 });
    await expect(store().settings.set(who, "theme", 1, { version: 7 })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await store().settings.get(who, "theme")).toEqual({ value: { dark: true }, version: 1 });
  });
});
