import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { AppError } from "../domain/error.ts";

/** One field that does not fit its schema, in words. */
export type FieldError = { readonly field: string; readonly reason: string };

/**
 * Converts (forms send text) and checks a value. Empty form fields count as not sent.
 * @throws AppError "invalid" with `details.fields` naming each field that does not fit.
 */
export function checked(schema: TSchema | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) return value;
  const converted = Value.Default(schema, Value.Convert(schema, withoutEmpty(value)));
  if (Value.Check(schema, converted)) return converted;
  const fields: FieldError[] = [];
  const seen = new Set<string>();
  for (const error of Value.Errors(schema, converted)) {
    const field = error.path.slice(1).replaceAll("/", ".") || where;
    if (seen.has(field)) continue;
    seen.add(field);
    fields.push({ field, reason: reasonFor(error.message, error.value) });
    if (fields.length === 10) break;
  }
  const text = fields.map((f) => `${f.field}: ${f.reason}`).join("; ");
  throw new AppError("invalid", `${where} does not fit: ${text}`, { details: { fields } });
}

function reasonFor(message: string, value: unknown): string {
  return value === undefined ? "is missing" : message.charAt(0).toLowerCase() + message.slice(1);
}

function withoutEmpty(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== ""));
}
