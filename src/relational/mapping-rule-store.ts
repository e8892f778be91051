import { and, asc, count, eq } from "drizzle-orm";
import { AppError } from "../domain/error.ts";
import {
  checkLineRule,
  type LineRule,
  type MappingRule,
  type MappingRuleStore,
  RULES_PER_SOURCE,
} from "../domain/mapping-rule.ts";
import { makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, columnsOf, isId, needId, one, plain } from "./rows.ts";
import { mappingRules } from "./schema/mapping.ts";
import { sources } from "./schema/plant.ts";

const columns = { ...columnsOf(mappingRules), sourceName: sources.name };
const ofSource = and(
  eq(sources.tenantId, mappingRules.tenantId),
  eq(sources.id, mappingRules.sourceId),
);

export function createMappingRuleStore(db: Database): MappingRuleStore {
  return {
    list: (who, { sourceId } = {}) =>
      db.withTenant(who, async (tx) => {
        if (sourceId !== undefined && !isId(sourceId)) return [];
        const rows = await tx
          .select(columns)
          .from(mappingRules)
          .innerJoin(sources, ofSource)
          .where(sourceId === undefined ? undefined : eq(mappingRules.sourceId, sourceId))
          .orderBy(sources.name, asc(mappingRules.id));
        return rows.map((row): MappingRule => ruleOf(row));
      }),
    create(who, input, change) {
      const request = { action: "mapping-rule.create", change, request: input };
      return makeChange(db, who, request, async (x) => {
        const { sourceId, measurement } = input;
        checkLineRule({ measurement, change: input.change });
        needId(sourceId, "source");
        const own = eq(sources.id, sourceId);
        const source = one(await x.tx.select().from(sources).where(own).for("update"), "source");
        const [has] = await x.tx
          .select({ rules: count() })
          .from(mappingRules)
          .where(eq(mappingRules.sourceId, sourceId));
        if ((has?.rules ?? 0) >= RULES_PER_SOURCE)
          throw new AppError(
            "invalid",
            `the source has ${RULES_PER_SOURCE} mapping rules already; delete one first`,
          );
        const row = {
          ...{ tenantId: who.tenantId, id: x.newId(), sourceId, change: input.change },
          ...{ measurement: measurement ?? null, createdAtUs: x.atUs, createdBy: who.name },
        };
        await x.tx.insert(mappingRules).values(row);
        x.audit("mapping-rule.create", row.id, undefined, input);
        x.notify("mapping-rule", row.id);
        const { tenantId: _, ...rest } = row;
        return ruleOf({ ...rest, sourceName: source.name, version: 1 });
      });
    },
    remove: (who, id, change) =>
      makeChange(db, who, { action: "mapping-rule.remove", change, request: id }, async (x) => {
        needId(id, "mapping rule");
        const where = eq(mappingRules.id, id);
        const found = await x.tx
          .select(columnsOf(mappingRules))
          .from(mappingRules)
          .where(where)
          .for("update");
        const before = one(found, "mapping rule");
        checkVersion("mapping rule", before, change);
        await x.tx.delete(mappingRules).where(where);
        const { sourceId, measurement } = before;
        x.audit(
          "mapping-rule.remove",
          id,
          { sourceId, measurement, change: before.change },
          undefined,
        );
        x.notify("mapping-rule", id);
      }),
    bySource: () =>
      db.withSystem(async (tx) => {
        const rows = await tx
          .select({ ...columns, sourceNo: sources.no })
          .from(mappingRules)
          .innerJoin(sources, ofSource)
          .orderBy(asc(mappingRules.id));
        const bySource = Map.groupBy(rows, (row) => row.sourceNo);
        return [...bySource].map(([sourceNo, own]) => ({
          sourceNo,
          rules: own.map(
            (row): LineRule => ({ measurement: row.measurement ?? undefined, change: row.change }),
          ),
        }));
      }),
  };
}

type Row = Omit<MappingRule, "measurement"> & { readonly measurement: string | null };

function ruleOf(row: Row): MappingRule {
  return { ...plain(row), measurement: row.measurement ?? undefined };
}
