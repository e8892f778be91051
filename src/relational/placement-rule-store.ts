import { asc, count, eq } from "drizzle-orm";
import { AppError } from "../domain/error.ts";
import { checkPattern } from "../domain/placement.ts";
import {
  PLACEMENT_RULES_MAX,
  type PlacementRule,
  type PlacementRuleStore,
} from "../domain/placement-rule.ts";
import { makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, columnsOf, needId, one, plain, written } from "./rows.ts";
import { placementRules } from "./schema/mapping.ts";

const columns = columnsOf(placementRules);

export function createPlacementRuleStore(db: Database): PlacementRuleStore {
  return {
    list: (who) =>
      db.withTenant(who, async (tx) => {
        const rows = await tx.select(columns).from(placementRules).orderBy(asc(placementRules.id));
        return rows.map((row): PlacementRule => plain(row));
      }),
    create(who, input, change) {
      const request = { action: "placement-rule.create", change, request: input };
      return makeChange(db, who, request, async (x) => {
        const { asset, sensor, query } = input;
        checkPattern({ asset, sensor });
        const [has] = await x.tx.select({ rules: count() }).from(placementRules);
        if ((has?.rules ?? 0) >= PLACEMENT_RULES_MAX)
          throw new AppError(
            "invalid",
            `there are ${PLACEMENT_RULES_MAX} placement rules already; remove one first`,
          );
        const row = {
          ...{ tenantId: who.tenantId, id: x.newId(), asset, sensor, query: query || null },
          ...{ createdAtUs: x.atUs, createdBy: who.name },
        };
        const rule = plain(
          written(await x.tx.insert(placementRules).values(row).returning(columns)),
        );
        x.audit("placement-rule.create", rule.id, undefined, { asset, sensor, query });
        x.notify("placement-rule", rule.id);
        return rule;
      });
    },
    remove: (who, id, change) =>
      makeChange(db, who, { action: "placement-rule.remove", change, request: id }, async (x) => {
        needId(id, "placement rule");
        const where = eq(placementRules.id, id);
        const found = await x.tx.select(columns).from(placementRules).where(where).for("update");
        const before = one(found, "placement rule");
        checkVersion("placement rule", before, change);
        await x.tx.delete(placementRules).where(where);
        const { asset, sensor, query } = before;
        x.audit("placement-rule.remove", id, { asset, sensor, query }, undefined);
        x.notify("placement-rule", id);
      }),
  };
}
