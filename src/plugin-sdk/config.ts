import {
  type SchemaOptions,
  type Static,
  type TSchema,
  type TString,
  Type,
} from "@sinclair/typebox";
import { Value, type ValueError } from "@sinclair/typebox/value";
import { AppError } from "../domain/error.ts";

/**
 * A setting that is a secret: shown as dots (`redact`), never repeated in a message or a log. Use it for
 * passwords, tokens and keys: `password: secret({ description: "Password of the technical user." })`.
 */
export function secret(options: SchemaOptions = {}): TString {
  return Type.String({ ...options, secret: true });
}

/** Whether a property's schema was made by `secret`. */
export function isSecret(schema: TSchema): boolean {
  return schema.secret === true;
}

/** Says of an error which setting it is about and what is wrong, in words. */
function sentenceOf(error: ValueError): string {
  const name = error.path.slice(1).replaceAll("/", ".") || "the configuration";
  // Only what the schema allows is repeated, never the value: it may be a secret.
  const options: unknown = error.schema.anyOf;
  if (Array.isArray(options)) {
    const allowed = options.map((o: TSchema) => JSON.stringify(o.const)).filter(Boolean);
    if (allowed.length === options.length) return `${name} must be one of ${allowed.join(", ")}`;
  }
  if (error.value === undefined) return `${name} is missing`;
  if (error.message === "Unexpected property") return `${name} is not a setting of this plugin`;
  return `${name}: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
}

/**
 * The configuration with defaults filled in.
 * @throws AppError("invalid") that names every wrong setting (the first ten) and what it must be.
 */
export function checkConfig<S extends TSchema>(
  plugin: string,
  schema: S,
  config: unknown,
): Static<S> {
  const filled = Value.Default(schema, Value.Clone(config));
  const sentences = new Map<string, string>();
  for (const error of Value.Errors(schema, filled)) {
    if (sentences.size === 10) break;
    if (!sentences.has(error.path)) sentences.set(error.path, sentenceOf(error));
  }
  if (sentences.size === 0) return filled as Static<S>; // Value.Errors found nothing against the schema
  throw new AppError("invalid", `${plugin}: ${[...sentences.values()].join("; ")}`);
}

/** The configuration with each secret replaced by dots: fit for logs and pages. */
export function redact(schema: TSchema, config: unknown): unknown {
  if (isSecret(schema)) return "••••";
  const properties: unknown = schema.properties;
  if (typeof config !== "object" || config === null || typeof properties !== "object")
    return config;
  const schemas = properties as Readonly<Record<string, TSchema>>; // `properties` of an object schema
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const inner = schemas[key];
      return [key, inner === undefined ? value : redact(inner, value)];
    }),
  );
}
