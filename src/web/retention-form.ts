import type { FormState } from "../../views/ui/model.ts";
import { AppError } from "../domain/error.ts";
import {
  checkPolicy,
  keptDays,
  RETENTION_TIERS,
  type RetentionClass,
  type RetentionPolicy,
  type RetentionTier,
} from "../domain/retention.ts";

/** Fields of the form as they came. */
export type RetentionForm = Readonly<Record<string, unknown>>;

/** Rows of classes that a form may have. */
export const CLASS_ROWS_MOST = 21;
const DAYS_MOST = 36_500;
const TIER_FIELDS: Readonly<Record<RetentionTier, string>> = {
  raw: "raw",
  "5m": "m5",
  "1h": "h1",
  "1d": "d1",
  waveform: "waveform",
};

/** Name of a field of a class' row; `days` of a tier, its name, or whether it goes. */
export const classField = (row: number, of: RetentionTier | "name" | "drop"): string =>
  `class-${row}-${of === "name" || of === "drop" ? of : TIER_FIELDS[of]}`;
export const typeField = (id: string): string => `type-${id}`;
export const sensorField = (id: string): string => `sensor-${id}`;

/** A policy as the form's values; one empty row follows the classes. Pure. */
export function valuesOfPolicy({
  classes,
  byAssetType,
  bySensor,
}: RetentionPolicy): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [row, one] of classes.entries()) {
    values[classField(row, "name")] = one.name;
    for (const tier of RETENTION_TIERS)
      values[classField(row, tier)] = String(keptDays(one, tier) ?? "");
  }
  for (const [id, name] of Object.entries(byAssetType)) values[typeField(id)] = name;
  for (const [id, name] of Object.entries(bySensor)) values[sensorField(id)] = name;
  return values;
}

/** Ids of what is assigned, from the names of the fields. */
export function assignedIn(values: Readonly<Record<string, string>>, prefix: string): string[] {
  return Object.keys(values).flatMap((name) =>
    name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
  );
}

/** How many rows of classes the values have. */
export function classRows(values: Readonly<Record<string, string>>): number {
  const rows = assignedIn(values, "class-").map((name) => Number.parseInt(name, 10));
  return Math.min(
    CLASS_ROWS_MOST,
    rows.reduce((most, row) => Math.max(most, row + 1), 0),
  );
}

/**
 * The policy that a form asks for, or what is wrong with it, field by field. What belonged to a class
 * that goes belongs to the default again. Pure.
 */
export function policyOfForm(form: RetentionForm): {
  readonly policy: RetentionPolicy | undefined;
  readonly state: FormState;
} {
  const values = Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) =>
      /^(class|type|sensor)-/.test(name) && typeof value === "string" ? [[name, value.trim()]] : [],
    ),
  );
  const errors: Record<string, string> = {};
  const classes: RetentionClass[] = [];
  for (let row = 0; row < classRows(values); row++) {
    const name = values[classField(row, "name")] ?? "";
    if (name === "" || values[classField(row, "drop")] === "on") continue;
    if (classes.some((one) => one.name === name))
      errors[classField(row, "name")] = `There are two classes named ${name}.`;
    else if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name))
      errors[classField(row, "name")] =
        "Use lower-case letters, digits and hyphens, such as short.";
    const days = (tier: RetentionTier) => {
      const read = daysOf(values[classField(row, tier)] ?? "");
      if (read === "wrong")
        errors[classField(row, tier)] = `Write whole days, 1 to ${DAYS_MOST}, or nothing for ever.`;
      return read === "wrong" ? null : read;
    };
    classes.push({
      name,
      keepDays: {
        ...{ raw: days("raw"), "5m": days("5m"), "1h": days("1h"), "1d": days("1d") },
        ...(classField(row, "waveform") in values ? { waveform: days("waveform") } : {}),
      },
    });
  }
  const known = new Set(classes.map(({ name }) => name));
  const assigned = (prefix: string) =>
    Object.fromEntries(
      assignedIn(values, prefix).flatMap((id) => {
        const name = values[`${prefix}${id}`] ?? "";
        return known.has(name) ? [[id, name]] : [];
      }),
    );
  const policy = { classes, byAssetType: assigned("type-"), bySensor: assigned("sensor-") };
  if (Object.keys(errors).length > 0) return { policy: undefined, state: { values, errors } };
  try {
    return { policy: checkPolicy(policy), state: { values, errors } };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { policy: undefined, state: { values, errors: { "": error.message } } };
  }
}

function daysOf(text: string): number | null | "wrong" {
  if (text === "") return null;
  const days = Number(text);
  return Number.isInteger(days) && days >= 1 && days <= DAYS_MOST ? days : "wrong";
}
