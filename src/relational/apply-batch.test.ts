import { describe, expect } from "bun:test";
import { onEveryPlace } from "../../test/services/relational.ts";
import { systemActor } from "../domain/actor.ts";
import type { Transition } from "../domain/alert.ts";
import type { LedgerDelta, QuarantinedLine, RelationalBatch } from "../domain/reading.ts";
import type { ChangeNotice, Relational } from "../domain/relational.ts";
import type { SeriesEntry } from "../domain/series.ts";

const EMPTY = { transitions: [], newSeries: [], ledger: [], quarantine: [] };

/** A tenant with a source, a pump with a temperature, and a rule on it. */
async function plant(store: Relational, tenantId: string, autoAdopt = false) {
  const who = systemActor(tenantId, "test");
  const { no: tenantNo } = await store.tenants.create({ id: tenantId, name: tenantId }, who);
  const kind = "line-protocol" as const;
  const source = await store.sources.create(who, { name: "gateway", kind, autoAdopt });
  const asset = await store.assets.create(who, { key: "P-1" });
  const sensor = await store.sensors.create(who, { assetId: asset.id, name: "temp" });
  const terms = { severity: "critical", op: "above", threshold: 80, clear: 75, holdMs: 0 } as const;
  const scope = { kind: "sensor", sensorId: sensor.id } as const;
  const rule = await store.rules.create(who, { name: "hot", ...terms, scope });
  const ids = { tenantNo, sourceNo: source.no };
  const entry = (seriesNo: number, asset: string, field: string): SeriesEntry => ({
    ...{ ...ids, seriesNo, measurement: "m", tags: [["asset", asset]], field },
    ...{ kind: "numeric", deviceKey: asset, firstAtUs: 1_000_000 },
  });
  const transition = (
    kind: Transition["kind"],
    place: { sequence: number; index: number; seriesNo: number; atUs: number },
  ): Transition => ({
    ...{ ...place, tenantNo, ruleId: rule.id, ruleVersion: 1, severity: "critical", kind },
    ...{ reason: kind === "opened" ? "condition" : "cleared", sinceUs: place.atUs - 5 },
    ...{ value: 91.25, threshold: 80 },
  });
  const delta = (over: Partial<LedgerDelta>): LedgerDelta => ({
    ...{ ...ids, received: 0, fresh: 0, duplicates: 0, overwrites: 0, late: 0, rejected: 0 },
    ...{ lastReceivedAtUs: 5, ...over },
  });
  const line = (lineNo: number, text = `line ${lineNo}`): QuarantinedLine => ({
    ...{ ...ids, receivedAtUs: 9, lineNo, column: 4, reason: "no field", line: text },
  });
  let sequence = await store.cursor();
  const apply = (batch: Partial<RelationalBatch>) =>
    store.applyBatch({ ...EMPTY, sequence: ++sequence, ...batch });
  return { who, ids, source, asset, sensor, rule, entry, transition, delta, line, apply };
}

onEveryPlace("batches of the log", ({ test, store }) => {
  /** Numbers of series are the installation's; each test takes its own. */
  let next = 1_000;
  const fresh = () => next++;

  test("a batch is applied once, and an older one not at all", async () => {
    const p = await plant(store(), "once");
    const sequence = (await store().cursor()) + 10;
    const batch = { ...EMPTY, sequence, ledger: [p.delta({ received: 3, fresh: 3 })] };
    expect(await store().applyBatch(batch)).toMatchObject({ sequence, applied: true });
    expect(await store().applyBatch(batch)).toMatchObject({ sequence, applied: false });
    const older = { ...batch, sequence: sequence - 1 };
    expect(await store().applyBatch(older)).toMatchObject({ sequence, applied: false });
    const source = await store().sources.get(p.who, p.source.id);
    expect(source?.ledger).toMatchObject({ received: 3, fresh: 3, lastReceivedAtUs: 5 });
  });

  test("a batch that fails leaves nothing behind, and can be sent again", async () => {
    const p = await plant(store(), "whole");
    const before = await store().cursor();
    const bad = p.transition("opened", { sequence: 1, index: 0, seriesNo: fresh(), atUs: 7 });
    const ledger = [p.delta({ received: 1 })];
    const broken = { ...bad, ruleId: "not-a-rule" };
    await expect(p.apply({ ledger, transitions: [broken] })).rejects.toMatchObject({
      code: "invalid",
    });
    await store().tenants.list(); // the refused transaction has ended
    expect(await store().cursor()).toBe(before);
    expect((await store().sources.get(p.who, p.source.id))?.ledger.received).toBe(0);
  });

  test("known sensors are mapped at once, the rest waits in the inbox", async () => {
    const p = await plant(store(), "match");
    const [known, other, foreign] = [fresh(), fresh(), fresh()];
    const newSeries = [
      ...[
        p.entry(known, "P-1", "temp"),
        p.entry(other, "P-1", "flow"),
        p.entry(foreign, "P-9", "temp"),
      ],
    ];
    const done = await p.apply({ newSeries });
    expect(done.mapped).toEqual([{ tenantId: "match", seriesNo: known, assetId: p.asset.id }]);
    expect(done.inbox.map((one) => one.seriesNo)).toEqual([other, foreign]);
    expect(await store().series.counts(p.who)).toEqual({ inbox: 2, adopted: 1, ignored: 0 });
    expect(await store().series.get(p.who, known)).toMatchObject({
      ...{ status: "adopted", sensorId: p.sensor.id, mappedFromUs: 1_000_000 },
      ...{ tags: [["asset", "P-1"]], assetKey: "P-1", sensorName: "temp" },
    });
    const again = await p.apply({ newSeries });
    expect([again.mapped, again.inbox]).toEqual([[], []]);
  });

  test("a source that adopts by itself has its assets and sensors made, once", async () => {
    const p = await plant(store(), "auto", true);
    const newSeries = [
      ...["P-1", "P-7", "P-8"].flatMap((asset) =>
        ["temp", "flow"].map((f) => p.entry(fresh(), asset, f)),
      ),
    ];
    const done = await p.apply({ newSeries });
    expect([done.mapped.length, done.inbox.length]).toEqual([6, 0]);
    const assets = await store().assets.all(p.who);
    expect(assets.map((asset) => asset.key)).toEqual(["P-1", "P-7", "P-8"]);
    expect((await store().sensors.all(p.who)).length).toBe(6);
    const audit = await store().audit.list(p.who, { action: "asset.adopt" });
    expect(audit.items.length).toBe(2);
    const later = await p.apply({ newSeries: [p.entry(fresh(), "P-7", "speed")] });
    expect(later.mapped.length).toBe(1);
    expect((await store().assets.all(p.who)).length).toBe(3);
  });

  test("a series of another tenant's source is not taken", async () => {
    const p = await plant(store(), "own");
    const q = await plant(store(), "other");
    const stranger = { ...p.entry(fresh(), "P-1", "temp"), sourceNo: q.ids.sourceNo };
    const done = await p.apply({
      newSeries: [stranger],
      ledger: [{ ...p.delta({ received: 5 }), sourceNo: q.ids.sourceNo }],
    });
    expect([done.mapped, done.inbox]).toEqual([[], []]);
    expect((await store().sources.get(q.who, q.source.id))?.ledger.received).toBe(0);
  });

  test("refused lines are kept up to the bound and counted beyond it", async () => {
    const p = await plant(store(), "refused");
    await p.apply({ quarantine: Array.from({ length: 8 }, (_, i) => p.line(i + 1)) });
    await p.apply({ quarantine: [p.line(9, "zero \0 byte and 'quote' \\ é")] });
    const kept = await store().quarantine.list(p.who, {});
    expect(kept.items.map((row) => row.lineNo)).toEqual([9, 8, 7, 6, 5]);
    expect(kept.items[0]?.line).toBe("zero ␀ byte and 'quote' \\ é");
    const source = await store().sources.get(p.who, p.source.id);
    expect(source?.ledger.quarantined).toBe(9);
    const [group] = await store().quarantine.groups(p.who);
    expect(group).toMatchObject({ reason: "no field", count: 5, sourceName: "gateway" });
    expect(await store().quarantine.remove(p.who, { ids: kept.items.map((row) => row.id) })).toBe(
      5,
    );
  });

  test("whatever a device writes is taken: zero bytes, broken pairs, long names, odd times", async () => {
    const p = await plant(store(), "odd", true);
    const odd = ["a\0b", "\ud800", "x".repeat(5_000), " "].map((name) => ({
      ...p.entry(fresh(), name, `f${name}`),
      ...{ firstAtUs: name === " " ? Number.MAX_VALUE : 1.5 },
    }));
    const done = await p.apply({ newSeries: odd, quarantine: [p.line(1, "\ud800\0")] });
    expect([done.mapped.length, done.inbox.length]).toEqual([2, 2]);
    const keys = (await store().assets.all(p.who)).map((asset) => asset.key);
    expect(keys.sort()).toEqual(["P-1", "a␀b", "\ufffd"]);
  });

  describe("alerts", () => {
    test("open once, close once, and open again", async () => {
      const p = await plant(store(), "life");
      const seriesNo = fresh();
      const newSeries = [p.entry(seriesNo, "P-1", "temp")];
      const at = (sequence: number, atUs: number) => ({ sequence, index: 0, seriesNo, atUs });
      const first = await p.apply({ newSeries, transitions: [p.transition("opened", at(1, 100))] });
      expect(first.opened).toMatchObject([{ severity: "critical", assetId: p.asset.id }]);
      const [open] = (await store().alerts.list(p.who)).items;
      expect(open).toMatchObject({
        ...{ ruleName: "hot", op: "above", threshold: 80, value: 91.25, status: "open" },
        ...{ openedAtUs: 100, sinceUs: 95, sensorId: p.sensor.id, seriesNo, version: 1 },
      });
      const twice = await p.apply({ transitions: [p.transition("opened", at(2, 110))] });
      expect(twice.opened).toEqual([]);
      const closed = await p.apply({ transitions: [p.transition("closed", at(3, 120))] });
      expect(closed.closed.map((one) => one.alertId)).toEqual([open?.id ?? ""]);
      const both = await p.apply({
        transitions: [p.transition("opened", at(4, 130)), p.transition("closed", at(5, 140))],
      });
      expect([both.opened.length, both.closed.length]).toEqual([1, 1]);
      const history = await store().alerts.list(p.who, { view: "all" });
      expect(history.items.map((one) => one.closedAtUs)).toEqual([140, 120]);
      const events = await store().alerts.events(p.who, open?.id ?? "");
      expect(events.map((event) => [event.kind, event.text])).toEqual([
        ["opened", "condition"],
        ["closed", "cleared"],
      ]);
    });

    test("are acknowledged and closed by people, and the log has the last word", async () => {
      const p = await plant(store(), "acts");
      const seriesNo = fresh();
      const newSeries = [p.entry(seriesNo, "P-1", "temp")];
      const opening = p.transition("opened", { sequence: 1, index: 0, seriesNo, atUs: 100 });
      const done = await p.apply({ newSeries, transitions: [opening] });
      const id = done.opened[0]?.alertId ?? "";
      expect(await store().alerts.counts(p.who)).toMatchObject({ active: 1, unacknowledged: 1 });
      const taken = await store().alerts.acknowledge(p.who, id, "on my way", { version: 1 });
      expect(taken).toMatchObject({ status: "acknowledged", acknowledgedBy: "test", version: 2 });
      expect(await store().alerts.acknowledge(p.who, id)).toEqual(taken);
      await expect(store().alerts.acknowledge(p.who, id, "", { version: 1 })).rejects.toMatchObject(
        {
          code: "conflict",
          details: { sent: 1, current: 2 },
        },
      );
      expect(await store().alerts.counts(p.who)).toMatchObject({ active: 1, unacknowledged: 0 });
      await store().alerts.requestClose(p.who, id, "sensor is fine");
      const pending = await store().alerts.pendingCloses();
      expect(pending).toMatchObject([
        { tenantId: "acts", alertId: id, seriesNo, ruleId: p.rule.id },
      ]);
      const closing = p.transition("closed", { sequence: 2, index: 0, seriesNo, atUs: 200 });
      await p.apply({ transitions: [{ ...closing, reason: "closed by a person" }] });
      expect(await store().alerts.pendingCloses()).toEqual([]);
      expect(await store().alerts.get(p.who, id)).toMatchObject({
        ...{ status: "closed", closeReason: "closed by a person", closedAtUs: 200 },
      });
      await expect(store().alerts.requestClose(p.who, id)).rejects.toMatchObject({
        code: "conflict",
      });
    });

    test("of severity info are listed, not counted, and need no acknowledgement", async () => {
      const p = await plant(store(), "info");
      const seriesNo = fresh();
      const opening = p.transition("opened", { sequence: 1, index: 0, seriesNo, atUs: 100 });
      const transitions = [{ ...opening, severity: "info" as const }];
      const done = await p.apply({ newSeries: [p.entry(seriesNo, "P-1", "temp")], transitions });
      const id = done.opened[0]?.alertId ?? "";
      expect((await store().alerts.list(p.who)).items.length).toBe(1);
      expect(await store().alerts.counts(p.who)).toMatchObject({ active: 0, unacknowledged: 0 });
      await expect(store().alerts.acknowledge(p.who, id)).rejects.toMatchObject({
        code: "conflict",
      });
    });

    test("are listed by urgency, page by page, each once", async () => {
      const p = await plant(store(), "pages");
      const severities = ["warning", "emergency", "info", "critical", "warning"] as const;
      const rules = await Promise.all(
        severities.map((severity, i) =>
          store().rules.create(p.who, {
            ...{ name: `r${i}`, severity, op: "above", threshold: 1, clear: 1, holdMs: 0 },
            scope: { kind: "sensor", sensorId: p.sensor.id },
          }),
        ),
      );
      const seriesNo = fresh();
      const transitions = rules.map((rule, index) => ({
        ...p.transition("opened", { sequence: 1, index, seriesNo, atUs: 100 + index }),
        ...{ ruleId: rule.id, severity: rule.severity },
      }));
      await p.apply({ newSeries: [p.entry(seriesNo, "P-1", "temp")], transitions });
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await store().alerts.list(p.who, { limit: 2, after });
        seen.push(...page.items.map((alert) => `${alert.severity} ${alert.openedAtUs}`));
        after = page.next;
      } while (after !== undefined);
      expect(seen).toEqual([
        ...["emergency 101", "critical 103", "warning 104", "warning 100", "info 102"],
      ]);
      await expect(store().alerts.list(p.who, { after: "nonsense" })).rejects.toMatchObject({
        code: "invalid",
      });
    });
  });

  test("rules wait for the log until they are framed, and again when they watch more", async () => {
    const p = await plant(store(), "frames");
    const own = async () =>
      (await store().rules.unframed()).filter((frame) => frame.tenantId === "frames");
    const [pending] = await own();
    expect(pending).toMatchObject({ kind: "rule", rule: { version: 1, seriesNos: [] } });
    await store().rules.framed(await own(), 41);
    expect(await own()).toEqual([]);
    expect(await store().rules.get(p.who, p.rule.id)).toMatchObject({ sequence: 41 });
    const seriesNo = fresh();
    await p.apply({ newSeries: [p.entry(seriesNo, "P-1", "temp")] });
    expect(await own()).toMatchObject([{ rule: { version: 1, seriesNos: [seriesNo] } }]);
    await store().rules.framed(await own(), 42);
    await store().rules.update(p.who, p.rule.id, { threshold: 90 });
    const stale = await own();
    await store().rules.update(p.who, p.rule.id, { threshold: 95 });
    await store().rules.framed(stale, 43);
    expect(await own()).toMatchObject([{ rule: { version: 3, threshold: 95 } }]);
    await store().rules.remove(p.who, p.rule.id);
    expect(await own()).toMatchObject([{ kind: "rule-removed", ruleId: p.rule.id, version: 4 }]);
    await store().rules.framed(await own(), 44);
    expect(await own()).toEqual([]);
    await store().rules.forgetFramed();
    expect(await own()).toMatchObject([{ kind: "rule-removed", ruleId: p.rule.id }]);
    expect(await store().rules.list(p.who)).toEqual([]);
  });

  test("series follow their site's zone, once each time it changes", async () => {
    const p = await plant(store(), "zones");
    const seriesNo = fresh();
    await p.apply({ newSeries: [p.entry(seriesNo, "P-1", "temp")] });
    const own = async () =>
      (await store().series.unframedZones()).filter((one) => one.seriesNos.includes(seriesNo));
    expect(await own()).toEqual([]);
    const site = await store().sites.create(p.who, { name: "North", zone: "Europe/Madrid" });
    await store().assets.update(p.who, p.asset.id, { siteId: site.id });
    const [change] = await own();
    expect(change).toEqual({ zone: "Europe/Madrid", seriesNos: [seriesNo] });
    if (change) await store().series.zonesFramed([change]);
    expect(await own()).toEqual([]);
    await store().sites.update(p.who, site.id, { zone: "UTC" });
    expect(await own()).toEqual([{ zone: "UTC", seriesNos: [seriesNo] }]);
  });

  test("what a batch changed is told to listeners once it is committed", async () => {
    const p = await plant(store(), "told");
    const seriesNo = fresh();
    const heard: ChangeNotice[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = await store().onChange((notice) => {
      heard.push(notice);
      if (heard.some((one) => one.noun === "alert") && heard.some((one) => one.noun === "series"))
        resolve();
    });
    const opening = p.transition("opened", { sequence: 1, index: 0, seriesNo, atUs: 100 });
    const done = await p.apply({
      newSeries: [p.entry(seriesNo, "P-1", "temp")],
      transitions: [opening],
    });
    await promise;
    await end();
    expect(heard).toContainEqual({
      tenantId: "told",
      noun: "alert",
      id: done.opened[0]?.alertId ?? "",
    });
  });
});
