import { Type } from "@sinclair/typebox";
import { RulePage } from "../../views/pages/rule.tsx";
import { type RuleRow, RulesPage } from "../../views/pages/rules.tsx";
import { paths } from "../../views/paths.ts";
import type { FormState } from "../../views/ui/model.ts";
import { mayUse } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { SEVERITIES, type Severity } from "../domain/rule.ts";
import { type NewRule, type Rule, type RuleScope, ruleFault } from "../domain/rule-store.ts";
import type { Sensor } from "../domain/sensor.ts";
import { html, onward, redirect } from "../lib/reply.ts";
import { chartOf, rangeStartUs, readSensor } from "./chart.ts";
import type { WebDeps } from "./deps.ts";
import { type Plant, readPlant } from "./plant.ts";
import { type Frame, frameOf } from "./shell.ts";

const read = { surface: "page", permission: "plant:read", method: "GET" } as const;
const write = { surface: "page", permission: "rule:write" } as const;
const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });
const field = Type.Optional(Type.String({ maxLength: 300 }));
const FORM = Type.Object({
  name: field,
  scope: field,
  op: field,
  threshold: field,
  hold_minutes: field,
  severity: field,
  clear: field,
  enabled: field,
});
type RuleForm = Readonly<Record<string, string | undefined>>;
type Context = RouteContext<unknown, unknown, unknown>;

const THIRTY_DAYS_US = 30 * 86_400_000_000;

/** Threshold rules as sentences: list, editor, versions. */
export function rulesRoutes(deps: WebDeps): Route[] {
  return [...pages(deps), ...acts(deps)];
}

function pages(deps: WebDeps): Route[] {
  return [
    route({
      ...read,
      path: paths.rules,
      summary: "Rules as sentences, with how many alarms each raised.",
      handle: async (context) => html(RulesPage(await listProps(deps, context))),
    }),
    route({
      ...write,
      method: "GET",
      path: paths.ruleNew,
      summary: "A new rule.",
      query: Type.Object({ sensor: field, limit: field }),
      handle: async (context) => {
        const { sensor, limit } = context.query;
        const values = {
          scope: sensor === undefined ? "" : `sensor:${sensor}`,
          op: "above",
          severity: "warning",
          hold_minutes: "10",
          threshold: limit ?? "",
          clear: limit ?? "",
          enabled: "on",
        };
        return editor(deps, context, undefined, { values, errors: {} }, 200);
      },
    }),
    route({
      ...read,
      path: "/rules/:id",
      summary: "One rule with its versions.",
      params: ID,
      handle: async (context) => {
        const rule = await ruleOf(deps, context, context.params.id);
        return editor(deps, context, rule, { values: valuesOf(rule), errors: {} }, 200);
      },
    }),
  ];
}

function acts(deps: WebDeps): Route[] {
  return [
    route({
      ...write,
      method: "POST",
      path: paths.rules,
      summary: "Makes a rule.",
      body: FORM,
      handle: (context) => save(deps, context, undefined, context.body),
    }),
    route({
      ...write,
      method: "POST",
      path: "/rules/:id",
      summary: "Makes a new version of a rule.",
      params: ID,
      body: FORM,
      handle: async (context) =>
        save(deps, context, await ruleOf(deps, context, context.params.id), context.body),
    }),
    route({
      ...write,
      method: "POST",
      path: "/rules/:id/removal",
      summary: "Removes a rule and closes its alarms.",
      params: ID,
      handle: async (context) => {
        await deps.stores.rules.remove(context.caller, context.params.id, {
          idempotencyKey: context.idempotencyKey,
        });
        await deps.tellLog();
        return redirect(paths.rules);
      },
    }),
  ];
}

async function ruleOf(deps: WebDeps, context: Context, id: string): Promise<Rule> {
  const rule = await deps.stores.rules.get(context.caller, id);
  if (rule === undefined) throw new AppError("not-found", `no rule ${id}`);
  return rule;
}

/** The scope as a form's value: "sensor:<id>" or "type:<typeId or *>:<sensor name>". */
function scopeText(scope: RuleScope): string {
  return scope.kind === "sensor"
    ? `sensor:${scope.sensorId}`
    : `type:${scope.assetTypeId ?? "*"}:${scope.sensorName}`;
}

function scopeOf(text: string): RuleScope | undefined {
  const [kind, first = "", ...rest] = text.split(":");
  if (kind === "sensor" && first !== "") return { kind: "sensor", sensorId: first };
  const sensorName = rest.join(":");
  if (kind !== "type" || sensorName === "") return undefined;
  return { kind: "type", assetTypeId: first === "*" ? undefined : first, sensorName };
}

function valuesOf(rule: Rule): Record<string, string> {
  return {
    name: rule.name,
    scope: scopeText(rule.scope),
    op: rule.op,
    threshold: String(rule.threshold),
    hold_minutes: String(rule.holdMs / 60_000),
    severity: rule.severity,
    clear: String(rule.clear),
    enabled: rule.enabled ? "on" : "",
  };
}

/** Reads the form: a rule, or what is wrong with each field. Pure. */
export function readRuleForm(form: RuleForm): NewRule | { errors: Record<string, string> } {
  const errors: Record<string, string> = {};
  const number = (name: string, what: string): number => {
    const text = (form[name] ?? "").trim().replace(",", ".");
    const value = Number(text);
    if (text === "" || !Number.isFinite(value))
      errors[name] = `Write ${what} as a number, such as 7.1.`;
    return value;
  };
  const name = form.name?.trim() ?? "";
  if (name === "") errors.name = "Give the rule a name that people will read on the alarm.";
  const scope = scopeOf(form.scope ?? "");
  if (scope === undefined) errors.scope = "Choose what it watches.";
  const severity = SEVERITIES.find((one): one is Severity => one === form.severity);
  if (severity === undefined) errors.severity = "Choose how serious it is.";
  const op = form.op === "below" ? "below" : "above";
  const threshold = number("threshold", "the limit");
  const clear = form.clear ? number("clear", "the value at which it clears") : threshold;
  const holdMs = number("hold_minutes", "the minutes") * 60_000;
  if (Object.keys(errors).length > 0 || scope === undefined || severity === undefined)
    return { errors };
  const rule = {
    name,
    severity,
    op,
    threshold,
    clear,
    holdMs,
    scope,
    enabled: form.enabled === "on",
  } as const;
  const fault = ruleFault(rule);
  if (fault === undefined) return rule;
  return { errors: { [fault.includes("hold") ? "hold_minutes" : "clear"]: `${fault}.` } };
}

async function save(
  deps: WebDeps,
  context: Context,
  rule: Rule | undefined,
  form: RuleForm,
): Promise<Response> {
  const input = readRuleForm(form);
  const values = Object.fromEntries(Object.entries(form).map(([k, v]) => [k, v ?? ""]));
  if ("errors" in input) return editor(deps, context, rule, { values, errors: input.errors }, 422);
  const change = { version: context.version, idempotencyKey: context.idempotencyKey };
  try {
    const saved =
      rule === undefined
        ? await deps.stores.rules.create(context.caller, input, change)
        : await deps.stores.rules.update(context.caller, rule.id, input, change);
    await deps.tellLog();
    return onward(paths.rule(saved.id), context.isPart);
  } catch (error) {
    if (!(error instanceof AppError) || (error.code !== "conflict" && error.code !== "invalid"))
      throw error;
    const status = error.code === "conflict" ? 409 : 422;
    return editor(deps, context, rule, { values, errors: { "": error.message } }, status);
  }
}

/** What a scope covers, in words, and one sensor of it. */
function scopeWords(plant: Plant, scope: RuleScope): { text: string; sample: Sensor | undefined } {
  if (scope.kind === "sensor") {
    const sensor = plant.sensors.get(scope.sensorId);
    const asset = sensor && plant.assets.get(sensor.assetId);
    return {
      text: sensor ? `${sensor.label} of ${asset?.key ?? ""}` : "a sensor that is gone",
      sample: sensor,
    };
  }
  const type = scope.assetTypeId === undefined ? undefined : plant.types.get(scope.assetTypeId);
  const sample = [...plant.sensors.values()].find(
    (sensor) =>
      sensor.name === scope.sensorName &&
      (type === undefined || plant.assets.get(sensor.assetId)?.typeId === type.id),
  );
  return { text: `${sample?.label ?? scope.sensorName} of any ${type?.name ?? "asset"}`, sample };
}

function sentenceOf(
  frame: Frame,
  plant: Plant,
  rule: Omit<Rule, "id" | "updatedAtUs" | "version" | "sequence" | "name" | "enabled">,
): string {
  const { text, sample } = scopeWords(plant, rule.scope);
  const decimals = Math.max(sample?.decimals ?? 0, decimalsOf(rule.threshold));
  const limit = frame.format.value(rule.threshold, decimals, sample?.unit ?? "");
  const hold = rule.holdMs === 0 ? "" : ` for ${frame.format.duration(rule.holdMs)}`;
  return `${text} is ${rule.op} ${limit}${hold}`;
}

function decimalsOf(value: number): number {
  return Math.min(6, (String(value).split(".")[1] ?? "").length);
}

async function listProps(deps: WebDeps, context: Context) {
  const { rules, alerts } = deps.stores;
  const frame = await frameOf(deps, context);
  const plant = await readPlant(deps, context.caller);
  const [all, coverage, recent] = await Promise.all([
    rules.list(context.caller),
    rules.coverage(context.caller),
    alerts.list(context.caller, {
      view: "all",
      fromUs: frame.nowUs - THIRTY_DAYS_US,
      limit: 1_000,
    }),
  ]);
  const raised = Map.groupBy(recent.items, (alert) => alert.ruleId);
  const rows = all.map((rule): RuleRow => {
    const sensors = coverage.get(rule.id) ?? 0;
    return {
      id: rule.id,
      name: rule.name,
      mark: { severity: rule.severity, off: !rule.enabled },
      sentence: sentenceOf(frame, plant, rule),
      covers: sensors === 1 ? "1 sensor" : `${sensors} sensors`,
      alarms30d: String(raised.get(rule.id)?.length ?? 0),
      enabled: rule.enabled,
      pending: rule.sequence === undefined,
      changed: frame.format.at(rule.updatedAtUs, frame.nowUs),
    };
  });
  const on = rows.filter((row) => row.enabled).length;
  return {
    shell: frame.shell,
    opening: rows.length === 0 ? "No rules yet" : `${on} of ${rows.length} rules watch the plant`,
    rules: rows,
    mayWrite: mayUse("rule:write", context.caller),
  };
}

/** Every sensor alone, and every sensor name of a type together. */
function scopesOf(plant: Plant) {
  const together = new Map<string, { value: string; label: string }>();
  for (const sensor of plant.sensors.values()) {
    const type = plant.types.get(plant.assets.get(sensor.assetId)?.typeId ?? "");
    if (type === undefined) continue;
    const value = `type:${type.id}:${sensor.name}`;
    together.set(value, { value, label: `${sensor.label} of any ${type.name}` });
  }
  const alone = [...plant.sensors.values()].map((sensor) => ({
    value: `sensor:${sensor.id}`,
    label: `${plant.assets.get(sensor.assetId)?.key ?? ""} ${sensor.label}`,
  }));
  const byLabel = (a: { label: string }, b: { label: string }) => a.label.localeCompare(b.label);
  return [
    { group: "All assets of a type", options: [...together.values()].sort(byLabel) },
    { group: "One sensor", options: alone.sort(byLabel) },
  ];
}

async function editor(
  deps: WebDeps,
  context: Context,
  rule: Rule | undefined,
  form: FormState,
  status: number,
): Promise<Response> {
  const frame = await frameOf(deps, context);
  const plant = await readPlant(deps, context.caller);
  const scope = scopeOf(form.values.scope ?? "");
  const words = scope && scopeWords(plant, scope);
  const covered = rule && (await deps.stores.rules.coverage(context.caller)).get(rule.id);
  const versions = rule ? await deps.stores.rules.versions(context.caller, rule.id) : [];
  const page = RulePage({
    shell: frame.shell,
    rule: rule && { id: rule.id, version: rule.version, name: rule.name },
    form,
    scopes: scopesOf(plant),
    unit: words?.sample?.unit ?? "",
    covers:
      covered === undefined ? "" : covered === 1 ? "covers 1 sensor" : `covers ${covered} sensors`,
    chart: await editorChart(deps, frame, plant, words?.sample, form),
    versions: versions.map((one) => ({
      version: one.version,
      sentence: sentenceOf(frame, plant, one),
      at: frame.format.at(one.createdAtUs, frame.nowUs),
      by: one.createdBy,
      state: one.sequence === undefined ? "waits for the log" : one.enabled ? "on" : "off",
    })),
    mayWrite: mayUse("rule:write", context.caller),
  });
  return html(page, status);
}

async function editorChart(
  deps: WebDeps,
  frame: Frame,
  plant: Plant,
  sensor: Sensor | undefined,
  form: FormState,
) {
  if (sensor === undefined) return undefined;
  const fromUs = rangeStartUs("60d", frame.nowUs);
  const points = await readSensor(deps.readings, plant.mapped, sensor.id, {
    fromUs,
    toUs: frame.nowUs,
  });
  const limit = Number(form.values.threshold || Number.NaN);
  const severity = SEVERITIES.find((one): one is Severity => one === form.values.severity);
  return chartOf(frame, {
    id: "rule-chart",
    title: `${plant.assets.get(sensor.assetId)?.key ?? ""} ${sensor.label}`,
    sensor,
    points,
    fromUs,
    toUs: frame.nowUs,
    limits: Number.isFinite(limit)
      ? [
          {
            value: limit,
            severity,
            label: `limit ${frame.format.number(limit, decimalsOf(limit))}`,
          },
        ]
      : [],
  });
}
