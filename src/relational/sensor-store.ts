import { and, asc, eq, inArray } from "drizzle-orm";
import { AppError } from "../domain/error.ts";
import {
  type Limits,
  limitsInOrder,
  type NewSensor,
  type Sensor,
  type SensorStore,
} from "../domain/sensor.ts";
import { type Changing, difference, makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { checkVersion, columnsOf, isId, needId, one, patchOf, plain, written } from "./rows.ts";
import { sensors } from "./schema/plant.ts";

const columns = columnsOf(sensors);
type Row = Omit<typeof sensors.$inferSelect, "tenantId">;
const ALL_MAX = 500_000;

const own = (tenantId: string, id: string) =>
  and(eq(sensors.tenantId, tenantId), eq(sensors.id, id));

export function createSensorStore(db: Database): SensorStore {
  return {
    ofAsset: (who, assetId) =>
      db.withTenant(who, async (tx) => {
        if (!isId(assetId)) return [];
        const where = eq(sensors.assetId, assetId);
        return (await tx.select(columns).from(sensors).where(where).orderBy(sensors.name)).map(
          toSensor,
        );
      }),
    all: (who) =>
      db.withTenant(who, async (tx) => {
        const order = [asc(sensors.assetId), asc(sensors.name)];
        const rows = await tx
          .select(columns)
          .from(sensors)
          .orderBy(...order)
          .limit(ALL_MAX);
        return rows.map(toSensor);
      }),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(sensors).where(own(who.tenantId, id));
        return row && toSensor(row);
      }),
    create: (who, input, change) =>
      makeChange(db, who, { action: "sensor.create", change, request: input }, (x) =>
        insertSensor(x, who.tenantId, input),
      ),
    upsert: (who, inputs) =>
      makeChange(db, who, { action: "sensor.import", change: undefined, request: undefined }, (x) =>
        upsertSensors(x, who.tenantId, inputs),
      ),
    update: (who, id, patch, change) =>
      makeChange(db, who, { action: "sensor.update", change, request: [id, patch] }, async (x) => {
        needId(id, "sensor");
        const found = await x.tx
          .select(columns)
          .from(sensors)
          .where(own(who.tenantId, id))
          .for("update");
        const before = toSensor(one(found, "sensor"));
        checkVersion("sensor", before, change);
        return updateSensor(x, who.tenantId, before, patch);
      }),
  };
}

/** Makes a sensor in a transaction that others share. */
export async function insertSensor(
  x: Changing,
  tenantId: string,
  input: NewSensor,
): Promise<Sensor> {
  check(input);
  const { limits = {}, label, ...given } = input;
  const row = {
    ...{ tenantId, id: x.newId(), assetId: given.assetId, name: given.name },
    ...{ label: label || given.name, unit: given.unit ?? "", kind: given.kind ?? "numeric" },
    ...{ decimals: given.decimals ?? 2, ...limitColumns(limits) },
  };
  const sensor = toSensor(written(await x.tx.insert(sensors).values(row).returning(columns)));
  x.audit("sensor.create", sensor.id, undefined, sensor);
  x.notify("sensor", sensor.id);
  return sensor;
}

async function updateSensor(
  x: Changing,
  tenantId: string,
  before: Sensor,
  patch: Partial<Omit<Sensor, "id" | "assetId" | "version">>,
): Promise<Sensor> {
  check(patch);
  const { limits, ...rest } = patch;
  const set = {
    ...patchOf(sensors, rest),
    ...(limits === undefined ? {} : limitColumns(limits)),
    version: before.version + 1,
  };
  const where = own(tenantId, before.id);
  const after = toSensor(
    written(await x.tx.update(sensors).set(set).where(where).returning(columns)),
  );
  const changed = difference(before, after);
  x.audit("sensor.update", before.id, changed?.before, changed?.after);
  x.notify("sensor", before.id);
  return after;
}

async function upsertSensors(
  x: Changing,
  tenantId: string,
  inputs: readonly NewSensor[],
): Promise<Sensor[]> {
  const assetIds = [...new Set(inputs.map((input) => input.assetId))];
  const found =
    assetIds.length === 0
      ? []
      : await x.tx.select(columns).from(sensors).where(inArray(sensors.assetId, assetIds));
  const known = new Map(found.map((row) => [`${row.assetId} ${row.name}`, toSensor(row)]));
  for (const input of inputs) {
    const key = `${input.assetId} ${input.name}`;
    const before = known.get(key);
    if (before === undefined) {
      known.set(key, await insertSensor(x, tenantId, input));
      continue;
    }
    const given = Object.entries(input).filter(
      ([name, value]) => name !== "assetId" && value !== undefined,
    );
    // What is left of a NewSensor without its asset and without undefined fits a patch.
    const patch = Object.fromEntries(given) as Partial<Omit<Sensor, "id" | "assetId" | "version">>;
    if (difference(before, patch) !== undefined)
      known.set(key, await updateSensor(x, tenantId, before, patch));
  }
  const keys = new Set(inputs.map((input) => `${input.assetId} ${input.name}`));
  return [...keys].map((key) => known.get(key)).filter((sensor) => sensor !== undefined);
}

function limitColumns(limits: Limits) {
  return {
    lowCritical: limits.lowCritical ?? null,
    lowWarning: limits.lowWarning ?? null,
    highWarning: limits.highWarning ?? null,
    highCritical: limits.highCritical ?? null,
  };
}

function check(input: { name?: string; limits?: Limits | undefined }): void {
  if (input.name !== undefined && input.name.trim() === "")
    throw new AppError("invalid", "sensor: the name is empty");
  if (input.limits !== undefined && !limitsInOrder(input.limits))
    throw new AppError(
      "invalid",
      "sensor: limits must rise from low critical over low and high warning to high critical",
    );
}

/** A sensor from its row. */
export function toSensor(row: Row): Sensor {
  const { lowCritical, lowWarning, highWarning, highCritical, ...sensor } = plain(row);
  const limits = { lowCritical, lowWarning, highWarning, highCritical };
  const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  return { ...sensor, limits: Object.fromEntries(given) };
}
