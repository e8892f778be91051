import type { FixProps } from "../../views/pages/quarantine-rules.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import { t } from "../../views/texts/index.ts";
import type { OptionGroup } from "../../views/ui/form.tsx";
import { AppError } from "../domain/error.ts";
import {
  type LineChange,
  type LineRule,
  type NewMappingRule,
  RULE_KINDS,
  RULE_PRECISIONS,
  type RulePreview,
  suggestedChange,
} from "../domain/mapping-rule.ts";

const m = t.mapping;

/** What a person wrote in the form of a rule. */
export type RuleForm = {
  readonly act?: string;
  readonly name?: string;
  readonly to?: string;
  readonly measurement?: string;
};

/** Everything that a rule can do, by the value in the form. */
export const ACT_GROUPS: readonly OptionGroup[] = [
  group(m.fields, ["convert:numeric", "convert:boolean", "convert:state"]),
  group(m.names, ["rename:field", "rename:tag", "rename:measurement"]),
  group(m.ignoring, ["drop:field", "drop:tag", "drop:measurement"]),
  group(m.unreadable, ["replace", "drop:line"]),
  group(
    m.times,
    RULE_PRECISIONS.map((unit) => `precision:${unit}`),
  ),
];

function group(title: string, acts: readonly string[]): OptionGroup {
  return { group: title, options: acts.map((value) => ({ value, label: actText(value) })) };
}

function actText(act: string): string {
  const texts: Readonly<Record<string, string>> = m.acts;
  return texts[act] ?? act;
}

/** The rule that was written. @throws AppError "invalid" when no act was chosen. */
export function ruleOf(sourceId: string, form: RuleForm): NewMappingRule {
  const measurement = form.measurement || undefined;
  return { sourceId, measurement, change: changeOf(form) };
}

function changeOf({ act = "", name = "", to = "" }: RuleForm): LineChange {
  const [kind, rest] = act.split(":");
  const precision = RULE_PRECISIONS.find((unit) => unit === rest);
  if (kind === "precision" && precision !== undefined) return { kind, precision };
  const target = RULE_KINDS.find((one) => one === rest);
  if (kind === "convert" && target !== undefined) return { kind, name, to: target };
  const part = (["measurement", "tag", "field"] as const).find((one) => one === rest);
  if (kind === "rename" && part !== undefined) return { kind, part, name, to };
  if (kind === "drop" && part !== undefined) return { kind, part, name };
  if (act === "drop:line") return { kind: "drop", part: "line", name };
  if (act === "replace") return { kind: "replace", name, to };
  throw new AppError("invalid", "choose what the rule does");
}

/** A change as the form's values. */
function formOf(change: LineChange | undefined): RuleForm {
  if (change === undefined) return { act: "", name: "", to: "" };
  switch (change.kind) {
    case "precision":
      return { act: `precision:${change.precision}`, name: "", to: "" };
    case "convert":
      return { act: `convert:${change.to}`, name: change.name, to: "" };
    case "rename":
      return { act: `rename:${change.part}`, name: change.name, to: change.to };
    case "drop":
      return { act: `drop:${change.part}`, name: change.name, to: "" };
    case "replace":
      return { act: "replace", name: change.name, to: change.to };
  }
}

/** A rule as a sentence. */
export function ruleText({ measurement, change }: LineRule): string {
  const { act = "", name = "", to = "" } = formOf(change);
  const what = change.kind === "rename" || change.kind === "replace" ? m.becomes(name, to) : name;
  const where = measurement === undefined ? "" : m.onlyOf(measurement);
  return [actText(act), what, where].filter((part) => part !== "").join(" ");
}

/** The form of a rule for a reason: as it was written, else as it is most likely wanted. */
export function fixProps(
  of: { readonly sourceId: string; readonly reason: string },
  written: RuleForm,
  tried: RulePreview | string | undefined,
): FixProps {
  const { act, name, to } =
    written.act === undefined ? formOf(suggestedChange(of.reason)) : written;
  const values = { act: act ?? "", name: name ?? "", to: to ?? "" };
  const problem = typeof tried === "string" ? tried : undefined;
  return {
    ...{ source: of.sourceId, reason: of.reason, acts: ACT_GROUPS },
    form: {
      values: { ...values, measurement: written.measurement ?? "" },
      errors: problem === undefined ? {} : { act: problem },
    },
    here: withQuery(paths.quarantine, { source: of.sourceId, reason: of.reason }),
    preview: tried === undefined || typeof tried === "string" ? undefined : previewOf(tried),
  };
}

function previewOf(found: RulePreview): FixProps["preview"] {
  const parts = [m.wouldRead(found.readings, found.lines)];
  if (found.ignored > 0) parts.push(m.wouldIgnore(found.ignored));
  if (found.refused > 0) parts.push(m.wouldRefuse(found.refused));
  if (!found.isWhole) parts.push(m.firstOnly(found.lines));
  return {
    note: parts.join(" "),
    samples: found.samples.map(({ line, becomes, reason }) => ({
      line,
      becomes: becomes ?? (reason === undefined ? m.ignored : m.refused(reason)),
    })),
  };
}
