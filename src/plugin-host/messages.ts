import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { AppError } from "../domain/error.ts";
import { IMPORT_KINDS, MAINTENANCE_KINDS } from "../domain/import.ts";
import { BATCH_LIMITS } from "../plugin-sdk/index.ts";

const text = Type.String({ maxLength: 4_096 });
const name = Type.String({ minLength: 1, maxLength: 1_024 });
const number = Type.Number();
const list = <T extends TSchema>(item: T) =>
  Type.Optional(Type.Array(item, { maxItems: BATCH_LIMITS.rows }));

const assetType = Type.Object({
  name,
  clockStepHours: Type.Optional(number),
  clockUnit: Type.Optional(text),
  planningHorizonSteps: Type.Optional(number),
  settings: Type.Optional(Type.Array(text, { maxItems: 1_000 })),
});

const asset = Type.Object({
  key: name,
  name: Type.Optional(text),
  type: Type.Optional(text),
  parent: Type.Optional(text),
  site: Type.Optional(text),
  criticality: Type.Optional(text),
  installedAtUs: Type.Optional(number),
  downtimeCostPerHour: Type.Optional(number),
  repairCost: Type.Optional(number),
  failureCost: Type.Optional(number),
});

const sensor = Type.Object({
  asset: name,
  name,
  unit: Type.Optional(text),
  decimals: Type.Optional(number),
  lowCritical: Type.Optional(number),
  lowWarning: Type.Optional(number),
  highWarning: Type.Optional(number),
  highCritical: Type.Optional(number),
});

const maintenance = Type.Object({
  externalKey: name,
  asset: name,
  startedAtUs: number,
  finishedAtUs: Type.Optional(number),
  kind: Type.Union(MAINTENANCE_KINDS.map((kind) => Type.Literal(kind))),
  failureMode: Type.Optional(text),
  title: Type.Optional(text),
  cost: Type.Optional(number),
  hours: Type.Optional(number),
});

const rowError = Type.Object({ line: number, column: Type.Optional(text), reason: text });

/** What a batch carries beside its lines; the first part of a `batch` message. */
export const BatchBody = Type.Object({
  assetTypes: list(assetType),
  assets: list(asset),
  sensors: list(sensor),
  maintenance: list(maintenance),
  rowLines: list(number),
  rowErrors: Type.Optional(Type.Array(rowError, { maxItems: BATCH_LIMITS.rowErrors })),
  origin: Type.Optional(Type.Array(Type.Tuple([number, number]), { maxItems: 1 << 20 })),
});
export type BatchBody = Static<typeof BatchBody>;

const count = Type.Integer({ minimum: 0 });

/** What a child says. */
export const FromChild = Type.Union([
  Type.Object({
    type: Type.Literal("batch"),
    checkpoint: Type.String({ maxLength: BATCH_LIMITS.checkpointChars }),
    precision: Type.Union(
      (["ns", "us", "ms", "s", "m", "h"] as const).map((unit) => Type.Literal(unit)),
    ),
    errorCount: count,
    rows: count,
    missing: count,
    kind: Type.Optional(Type.Union(IMPORT_KINDS.map((kind) => Type.Literal(kind)))),
    parts: Type.Tuple([count, count]),
  }),
  Type.Object({
    type: Type.Literal("log"),
    level: Type.Union([Type.Literal("info"), Type.Literal("warn"), Type.Literal("error")]),
    message: Type.String(),
  }),
  Type.Object({ type: Type.Literal("done") }),
  Type.Object({ type: Type.Literal("failed"), code: Type.String(), message: Type.String() }),
]);
export type FromChild = Static<typeof FromChild>;

/** What the host says. */
export const FromHost = Type.Union([
  Type.Object({
    type: Type.Literal("start"),
    plugin: Type.String(),
    config: Type.Unknown(),
    checkpoint: Type.Optional(Type.String()),
    /** Batches that may be out and not yet committed. */
    credits: Type.Integer({ minimum: 1 }),
    files: Type.Record(Type.String(), Type.Object({ path: Type.String(), name: Type.String() })),
  }),
  /** The oldest batch that is out is durable and its checkpoint saved; gives its credit back. */
  Type.Object({ type: Type.Literal("committed"), checkpoint: Type.String() }),
  Type.Object({ type: Type.Literal("stop") }),
]);
export type FromHost = Static<typeof FromHost>;

/** @throws AppError("internal") when `value` is not what the schema says. */
export function checked<S extends TSchema>(schema: S, value: unknown, what: string): Static<S> {
  if (Value.Check(schema, value)) return value;
  const error = Value.Errors(schema, value).First();
  throw new AppError(
    "internal",
    `${what} is not as agreed: ${error?.path ?? ""} ${error?.message ?? ""}`.trim(),
  );
}
