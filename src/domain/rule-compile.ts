import type { CompiledRule } from "./rule.ts";
import type { Rule } from "./rule-store.ts";
import type { SeriesKind } from "./series.ts";

type Targets = { readonly kind: SeriesKind; readonly seriesNos: readonly number[] };

/** Mapped series that rules may watch, in groups: a fleet has a million series, but few names of sensors. */
export type RuleTargets = {
  /** Of the sensors that rules name. */
  readonly bySensor: readonly (Targets & { readonly sensorId: string })[];
  /** Of the sensors' names that rules name, by type of asset. */
  readonly byName: readonly (Targets & {
    readonly sensorName: string;
    readonly assetTypeId: string | undefined;
  })[];
};

/** What the rule's scope takes in. A threshold means nothing to texts and waveforms. Pure. */
export function watchedBy({ scope }: Pick<Rule, "scope">, targets: RuleTargets): Targets[] {
  const near: readonly Targets[] =
    scope.kind === "sensor"
      ? targets.bySensor.filter(({ sensorId }) => sensorId === scope.sensorId)
      : targets.byName.filter(
          ({ sensorName, assetTypeId }) =>
            sensorName === scope.sensorName &&
            (scope.assetTypeId === undefined || scope.assetTypeId === assetTypeId),
        );
  return near.filter(({ kind }) => kind === "numeric" || kind === "boolean");
}

/** Rules of one tenant as the fold takes them, each with the series it watches, in rising order. Pure. */
export function compileRules(
  tenantNo: number,
  rules: readonly Rule[],
  targets: RuleTargets,
): CompiledRule[] {
  return rules.map((rule) => ({
    ...{ ruleId: rule.id, version: rule.version, tenantNo, severity: rule.severity },
    ...{ op: rule.op, threshold: rule.threshold, clear: rule.clear, holdUs: rule.holdMs * 1000 },
    seriesNos: watchedBy(rule, targets)
      .flatMap(({ seriesNos }) => seriesNos)
      .sort((a, b) => a - b),
  }));
}
