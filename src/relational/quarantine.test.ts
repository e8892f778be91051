import { expect } from "bun:test";
import { onEveryPlace } from "../../test/services/relational.ts";
import { systemActor } from "../domain/actor.ts";
import type { QuarantinedLine } from "../domain/reading.ts";
import type { Relational } from "../domain/relational.ts";

const NOTHING = { transitions: [], newSeries: [], ledger: [], quarantine: [] };
const REPORT = { replayed: 1, refused: 1, notWhole: 0, isWhole: true, reasons: [] };

/** A tenant whose gateway had lines refused. */
async function plant(
  store: Relational,
  tenantId: string,
  lines: readonly Partial<QuarantinedLine>[],
) {
  const who = systemActor(tenantId, "test");
  const { no: tenantNo } = await store.tenants.create({ id: tenantId, name: tenantId }, who);
  const { id, no: sourceNo } = await store.sources.create(who, {
    ...{ name: "gateway", kind: "line-protocol" },
  });
  const ids = { tenantNo, sourceNo };
  await store.applyBatch({
    ...NOTHING,
    sequence: (await store.cursor()) + 1,
    ledger: [
      {
        ...{ ...ids, received: 9, fresh: 0, duplicates: 0, overwrites: 0, late: 0, rejected: 9 },
        lastReceivedAtUs: 5,
      },
    ],
    quarantine: lines.map((line, i) => ({
      ...{ ...ids, receivedAtUs: 9 + i, lineNo: i + 1, column: 1, reason: "odd", line: `l ${i}` },
      ...{ dialect: "influx", precision: "ms", ...line },
    })),
  });
  return { who, sourceId: id, sourceNo };
}

onEveryPlace("quarantine", ({ test, store }) => {
  test("a kept line knows how it was sent, and whether it is whole", async () => {
    const { who, sourceId } = await plant(store(), "sent", [
      { precision: "auto" },
      { dialect: "questdb", isCut: true },
      { line: "zero \0 byte" },
      { dialect: undefined, precision: undefined },
    ]);
    const { items } = await store().quarantine.list(who, {});
    expect(items.map(({ dialect, precision, isCut }) => [dialect, precision, isCut])).toEqual([
      [undefined, undefined, false],
      ["influx", "ms", true],
      ["questdb", "ms", true],
      ["influx", "auto", false],
    ]);
    const [group] = await store().quarantine.groups(who, { sourceId });
    expect(group).toMatchObject({ count: 4, replayable: 1, firstAtUs: 9, lastAtUs: 12 });
    expect(await store().quarantine.groups(who, { sourceId: "no-id" })).toEqual([]);
  });

  test("a replayed line leaves its source's ledger, one that stays has its new reason", async () => {
    const { who, sourceId, sourceNo } = await plant(store(), "again", [{}, {}, {}]);
    const chosen = await store().quarantine.chosen(who, { sourceId }, 10);
    expect(chosen.map((line) => [line.line, line.sourceNo])).toEqual([
      ["l 0", sourceNo],
      ["l 1", sourceNo],
      ["l 2", sourceNo],
    ]);
    const [first, second] = chosen;
    const outcome = {
      takenIds: [first?.id ?? ""],
      refused: [{ id: second?.id ?? "", reason: "other", column: 7 }],
    };
    const change = { idempotencyKey: "k" };
    const replay = () => store().quarantine.replayed(who, { sourceId }, outcome, REPORT, change);
    expect(await replay()).toEqual(REPORT);
    expect(await replay()).toEqual(REPORT);
    const source = await store().sources.get(who, sourceId);
    expect(source?.ledger).toMatchObject({ received: 8, rejected: 8, replayed: 1, removed: 0 });
    const { items } = await store().quarantine.list(who, {});
    expect(items.map(({ line, reason, column }) => [line, reason, column])).toEqual([
      ["l 2", "odd", 1],
      ["l 1", "other", 7],
    ]);
    const kept = { refused: 8, kept: 2, notKept: 6, removed: 0, replayed: 1 };
    expect(await store().quarantine.accounts(who)).toMatchObject([kept]);
    expect(await store().quarantine.remove(who, { reason: "other" })).toBe(1);
    expect(await store().quarantine.accounts(who)).toMatchObject([
      { ...kept, kept: 1, removed: 1 },
    ]);
    const nothing = store().quarantine.remove(who, {});
    await expect(nothing).rejects.toMatchObject({ code: "invalid" });
  });

  test("another tenant's lines are neither seen nor touched", async () => {
    const { sourceId } = await plant(store(), "theirs", [{}]);
    const { who } = await plant(store(), "ours", []);
    expect(await store().quarantine.chosen(who, { sourceId }, 10)).toEqual([]);
    expect(await store().quarantine.remove(who, { sourceId })).toBe(0);
    expect((await store().quarantine.accounts(who)).map((one) => one.kept)).toEqual([0]);
  });
});
