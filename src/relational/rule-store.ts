import { and, desc, eq, isNull, sql as text } from "drizzle-orm";
import { AppError } from "../domain/error.ts";
import { compileRules, watchedBy } from "../domain/rule-compile.ts";
import {
  type NewRule,
  type Rule,
  type RuleFrame,
  type RulePatch,
  type RuleScope,
  type RuleStore,
  ruleFault,
} from "../domain/rule-store.ts";
import { type Changing, difference, makeChange } from "./change.ts";
import type { Database, Tx } from "./database.ts";
import { checkVersion, columnsOf, isId, needId, one, plain, written } from "./rows.ts";
import { ruleTargets } from "./rule-targets.ts";
import { tenants } from "./schema/plant.ts";
import { alertRules, alertRuleVersions } from "./schema/work.ts";

// A rule may watch every series of a fleet: their numbers are read only to compare them.
const { framedSeries: _, ...columns } = columnsOf(alertRules);
type Row = Omit<typeof alertRules.$inferSelect, "tenantId" | "framedSeries">;
type Who = Parameters<RuleStore["get"]>[0];

const own = (tenantId: string, id: string) =>
  and(eq(alertRules.tenantId, tenantId), eq(alertRules.id, id));
const kept = eq(alertRules.removed, false);

export function createRuleStore(db: Database): RuleStore {
  return {
    list: (who) =>
      db.withTenant(who, async (tx) =>
        (await tx.select(columns).from(alertRules).where(kept).orderBy(alertRules.name)).map(
          toRule,
        ),
      ),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const where = and(own(who.tenantId, id), kept);
        const [row] = await tx.select(columns).from(alertRules).where(where);
        return row && toRule(row);
      }),
    versions: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return [];
        const rows = await tx
          .select(columnsOf(alertRuleVersions))
          .from(alertRuleVersions)
          .where(eq(alertRuleVersions.ruleId, id))
          .orderBy(desc(alertRuleVersions.version));
        return rows.map(({ terms, ruleId: _, ...row }) => ({ ...plain(row), ...terms }));
      }),
    create: (who, input, change) =>
      makeChange(db, who, { action: "rule.create", change, request: input }, (x) =>
        insertRule(x, who, input),
      ),
    update: (who, id, patch, change) =>
      makeChange(db, who, { action: "rule.update", change, request: [id, patch] }, async (x) => {
        const before = await lock(x.tx, who, id);
        checkVersion("rule", before, change);
        return rewrite(x, who, before, patch);
      }),
    remove: (who, id, change) =>
      makeChange(db, who, { action: "rule.remove", change, request: id }, async (x) => {
        const before = await lock(x.tx, who, id);
        checkVersion("rule", before, change);
        await x.tx
          .update(alertRules)
          .set({ removed: true, sequence: null, version: before.version + 1, updatedAtUs: x.atUs })
          .where(own(who.tenantId, id));
        x.audit("rule.remove", id, before, undefined);
        x.notify("rule", id);
      }),
    coverage: (who) =>
      db.withTenant(who, async (tx) => {
        const rules = (await tx.select(columns).from(alertRules).where(kept)).map(toRule);
        const targets = await ruleTargets(tx, rules);
        return new Map(
          rules.map((rule) => [
            rule.id,
            watchedBy(rule, targets).reduce((sum, { seriesNos }) => sum + seriesNos.length, 0),
          ]),
        );
      }),
    unframed: async () => {
      const found = await db.withSystem((tx) =>
        tx.select({ id: tenants.id, no: tenants.no }).from(tenants).orderBy(tenants.no),
      );
      const frames: RuleFrame[] = [];
      for (const tenant of found)
        frames.push(
          ...(await db.withTenant({ tenantId: tenant.id }, (tx) => unframedOf(tx, tenant))),
        );
      return frames;
    },
    framed: (frames, sequence) =>
      db.withSystem(async (tx) => {
        for (const frame of frames) await stamp(tx, frame, sequence);
      }),
    forgetFramed: () =>
      db.withSystem(async (tx) => {
        await tx.update(alertRules).set({ sequence: null, framedSeries: null });
      }),
  };
}

async function lock(tx: Tx, who: Who, id: string): Promise<Rule> {
  needId(id, "rule");
  const where = and(own(who.tenantId, id), kept);
  return toRule(one(await tx.select(columns).from(alertRules).where(where).for("update"), "rule"));
}

async function insertRule(x: Changing, who: Who, input: NewRule): Promise<Rule> {
  check(input);
  const { scope, enabled = true, ...terms } = input;
  const row = {
    ...{ tenantId: who.tenantId, id: x.newId(), enabled, updatedAtUs: x.atUs },
    ...{ ...terms, ...scopeColumns(scope) },
  };
  const rule = toRule(written(await x.tx.insert(alertRules).values(row).returning(columns)));
  await keepVersion(x, who, rule);
  x.audit("rule.create", rule.id, undefined, rule);
  x.notify("rule", rule.id);
  return rule;
}

async function rewrite(x: Changing, who: Who, before: Rule, patch: RulePatch): Promise<Rule> {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  const next: Rule = { ...before, ...Object.fromEntries(given) };
  check(next);
  if (difference(before, next) === undefined) return before;
  const { scope, id, sequence: _, ...terms } = next;
  const version = before.version + 1;
  const set = { ...terms, ...scopeColumns(scope), version, sequence: null, updatedAtUs: x.atUs };
  const where = own(who.tenantId, id);
  const after = toRule(
    written(await x.tx.update(alertRules).set(set).where(where).returning(columns)),
  );
  await keepVersion(x, who, after);
  const changed = difference(before, after);
  x.audit("rule.update", id, changed?.before, changed?.after);
  x.notify("rule", id);
  return after;
}

async function keepVersion(x: Changing, who: Who, rule: Rule): Promise<void> {
  const { severity, op, threshold, clear, holdMs, scope, name, enabled } = rule;
  const terms = { severity, op, threshold, clear, holdMs, scope, name, enabled };
  await x.tx.insert(alertRuleVersions).values({
    ...{ tenantId: who.tenantId, ruleId: rule.id, version: rule.version, terms },
    ...{ createdAtUs: x.atUs, createdBy: who.name },
  });
}

async function unframedOf(tx: Tx, tenant: { id: string; no: number }): Promise<RuleFrame[]> {
  const rows = await tx
    .select({ ...columns, framed: text<string | null>`${alertRules.framedSeries}::text` })
    .from(alertRules)
    .orderBy(alertRules.id);
  const active = rows.filter((row) => !row.removed && row.enabled);
  const rules = active.map(toRule);
  const compiled = compileRules(tenant.no, rules, await ruleTargets(tx, rules));
  const framedOf = new Map(rows.map((row) => [row.id, row]));
  const frames: RuleFrame[] = compiled
    .filter((rule) => {
      const row = framedOf.get(rule.ruleId);
      return row?.sequence === null || (row?.framed ?? "{}") !== `{${rule.seriesNos.join(",")}}`;
    })
    .map((rule) => ({ kind: "rule", tenantId: tenant.id, rule }));
  for (const row of rows)
    if ((row.removed || !row.enabled) && row.sequence === null)
      frames.push({
        ...{ kind: "rule-removed", tenantId: tenant.id, ruleId: row.id },
        ...{ version: row.version, atUs: row.updatedAtUs },
      });
  return frames;
}

async function stamp(tx: Tx, frame: RuleFrame, sequence: number): Promise<void> {
  const [ruleId, version, framedSeries] =
    frame.kind === "rule"
      ? [frame.rule.ruleId, frame.rule.version, [...frame.rule.seriesNos]]
      : [frame.ruleId, frame.version, []];
  // A version that was edited meanwhile stays pending.
  await tx
    .update(alertRules)
    .set({ sequence, framedSeries })
    .where(and(own(frame.tenantId, ruleId), eq(alertRules.version, version)));
  await tx
    .update(alertRuleVersions)
    .set({ sequence })
    .where(
      and(
        eq(alertRuleVersions.tenantId, frame.tenantId),
        eq(alertRuleVersions.ruleId, ruleId),
        eq(alertRuleVersions.version, version),
        isNull(alertRuleVersions.sequence),
      ),
    );
}

function check(input: NewRule | Rule): void {
  const fault = input.name.trim() === "" ? "the name is empty" : ruleFault(input);
  if (fault !== undefined) throw new AppError("invalid", `rule ${input.name}: ${fault}`);
}

function scopeColumns(scope: RuleScope) {
  return scope.kind === "sensor"
    ? {
        ...{ scopeKind: scope.kind, scopeSensorId: scope.sensorId },
        ...{ scopeTypeId: null, scopeSensorName: null },
      }
    : {
        ...{ scopeKind: scope.kind, scopeSensorId: null },
        ...{ scopeTypeId: scope.assetTypeId ?? null, scopeSensorName: scope.sensorName },
      };
}

function toRule(row: Row): Rule {
  const { scopeKind, scopeSensorId, scopeTypeId, scopeSensorName, ...rest } = plain(row);
  const { removed: _r, ...rule } = rest;
  const scope: RuleScope =
    scopeKind === "sensor"
      ? { kind: "sensor", sensorId: scopeSensorId ?? "" }
      : { kind: "type", assetTypeId: scopeTypeId, sensorName: scopeSensorName ?? "" };
  return { ...rule, scope };
}
