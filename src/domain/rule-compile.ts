import type { CompiledRule } from "./rule.ts";
import type { Rule } from "./rule-store.ts";
import type { MappedSeries } from "./series-store.ts";

/** What compiling needs to know of a series. */
export type RuleTarget = Pick<
  MappedSeries,
  "seriesNo" | "kind" | "sensorId" | "sensorName" | "assetTypeId"
>;

/** Whether the rule's scope takes in the series. A threshold means nothing to texts and waveforms. */
export function watches(rule: Pick<Rule, "scope">, series: RuleTarget): boolean {
  if (series.kind !== "numeric" && series.kind !== "boolean") return false;
  const { scope } = rule;
  if (scope.kind === "sensor") return scope.sensorId === series.sensorId;
  return (
    scope.sensorName === series.sensorName &&
    (scope.assetTypeId === undefined || scope.assetTypeId === series.assetTypeId)
  );
}

/** Rules of one tenant as the fold takes them, each with the series it watches, in rising order. Pure. */
export function compileRules(
  tenantNo: number,
  rules: readonly Rule[],
  mapped: readonly RuleTarget[],
): CompiledRule[] {
  const bySensor = groupBy(mapped, (series) => series.sensorId);
  const byName = groupBy(mapped, (series) => series.sensorName);
  return rules.map((rule) => {
    const near =
      rule.scope.kind === "sensor"
        ? bySensor.get(rule.scope.sensorId)
        : byName.get(rule.scope.sensorName);
    const seriesNos = (near ?? []).filter((one) => watches(rule, one)).map((one) => one.seriesNo);
    return {
      ...{ ruleId: rule.id, version: rule.version, tenantNo, severity: rule.severity },
      ...{ op: rule.op, threshold: rule.threshold, clear: rule.clear, holdUs: rule.holdMs * 1000 },
      seriesNos: seriesNos.sort((a, b) => a - b),
    };
  });
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
