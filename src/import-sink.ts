import { type Actor, systemActor } from "./domain/actor.ts";
import { type Asset, CRITICALITIES, type Criticality, type NewAsset } from "./domain/asset.ts";
import type { AssetType } from "./domain/asset-type.ts";
import type { Engine } from "./domain/engine.ts";
import type {
  AssetRow,
  AssetTypeRow,
  ImportSink,
  MaintenanceRow,
  RowsResult,
  SensorRow,
} from "./domain/import.ts";
import type { Relational } from "./domain/relational.ts";
import type { MaintenanceRecord } from "./domain/work-order.ts";
import type { Clock } from "./lib/clock.ts";

export type ImportSinkDeps = {
  readonly relational: Relational;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly tenant: { readonly id: string; readonly no: number; readonly zone: string };
  readonly sourceNo: number;
  /** Who imports, for the audit log. */
  readonly by: string;
};

type Refused = { index: number; column?: string; reason: string };

/** Where imported rows go: line protocol into the log, all else into the relational store. */
export function createImportSink(deps: ImportSinkDeps): ImportSink {
  const who = systemActor(deps.tenant.id, deps.by);
  return {
    writeLines: (bytes, precision) =>
      deps.engine.write({
        tenantNo: deps.tenant.no,
        sourceNo: deps.sourceNo,
        dialect: "influx",
        precision,
        receivedAtUs: deps.clock.nowUs(),
        // A file holds what was: nobody is called for it.
        isHistory: true,
        body: bytes.buffer,
      }),
    upsertAssetTypes: (rows) => upsertTypes(deps.relational, who, rows),
    upsertAssets: (rows) => upsertAssets(deps, who, rows),
    upsertSensors: (rows) => upsertSensors(deps.relational, who, rows),
    addMaintenance: (rows, origin) => addMaintenance(deps.relational, who, rows, origin.uploadId),
  };
}

const HOUR_US = 3_600_000_000;

async function upsertTypes(
  relational: Relational,
  who: Actor,
  rows: readonly AssetTypeRow[],
): Promise<RowsResult> {
  let stored = 0;
  const known = new Map((await relational.assetTypes.list(who)).map((type) => [type.name, type]));
  for (const row of rows) {
    const wanted = {
      name: row.name,
      ...(row.clockUnit === undefined ? {} : { clockUnit: row.clockUnit }),
      ...(row.clockStepHours === undefined
        ? {}
        : { clockStepUs: Math.round(row.clockStepHours * HOUR_US) }),
      ...(row.planningHorizonSteps === undefined ? {} : { horizonSteps: row.planningHorizonSteps }),
      ...(row.settings === undefined ? {} : { settingsSignals: row.settings }),
    };
    const before = known.get(row.name);
    if (before === undefined) await relational.assetTypes.create(who, wanted);
    else if (isSame(before, wanted)) continue;
    else await relational.assetTypes.update(who, before.id, wanted);
    stored++;
  }
  return { stored, duplicates: rows.length - stored, errors: [] };
}

function isSame(before: AssetType, wanted: Partial<AssetType>): boolean {
  return Object.entries(wanted).every(
    ([key, value]) => JSON.stringify(Reflect.get(before, key)) === JSON.stringify(value),
  );
}

async function upsertAssets(
  deps: ImportSinkDeps,
  who: Actor,
  rows: readonly AssetRow[],
): Promise<RowsResult> {
  const { relational } = deps;
  const errors: Refused[] = [];
  const idOf = new Map((await relational.assets.all(who)).map((asset) => [asset.key, asset.id]));
  const types = new Map<string, string>();
  const sites = new Map((await relational.sites.list(who)).map((site) => [site.name, site.id]));
  let stored = 0;
  let duplicates = 0;
  let waiting = rows.map((row, index) => ({ row, index }));
  // Parents may stand below their children in the file: those whose parent is known go first.
  while (waiting.length > 0) {
    const inFile = new Set(waiting.map(({ row }) => row.key));
    const ready = waiting.filter(({ row }) => !row.parent || idOf.has(row.parent));
    const rest = waiting.filter(({ row }) => row.parent && !idOf.has(row.parent));
    if (ready.length === 0) {
      for (const { row, index } of rest) {
        const reason = inFile.has(row.parent ?? "")
          ? `the parents of ${row.key} form a circle`
          : `no asset ${row.parent}; import it first or put it into this file`;
        errors.push({ index, column: "parent", reason });
      }
      break;
    }
    const inputs: NewAsset[] = [];
    for (const { row, index } of ready) {
      const input = await newAsset(deps, who, row, { types, sites, idOf });
      if (typeof input === "string") errors.push({ index, column: "criticality", reason: input });
      else inputs.push(input);
    }
    const done = await relational.assets.upsert(who, inputs);
    for (const asset of done.assets) idOf.set(asset.key, asset.id);
    stored += done.created + done.updated;
    duplicates += done.unchanged;
    waiting = rest;
  }
  return { stored, duplicates, errors };
}

const WORDS: Readonly<Record<string, Criticality>> = { HIGH: "A", MEDIUM: "B", LOW: "C" };

/** A, B, C or the words for them; B when nothing is said. */
function criticalityOf(text: string | undefined): Criticality | undefined {
  const word = (text ?? "B").trim().toUpperCase();
  return CRITICALITIES.find((one) => one === word) ?? WORDS[word];
}

async function newAsset(
  deps: ImportSinkDeps,
  who: Actor,
  row: AssetRow,
  known: { types: Map<string, string>; sites: Map<string, string>; idOf: Map<string, string> },
): Promise<NewAsset | string> {
  const criticality = criticalityOf(row.criticality);
  if (criticality === undefined)
    return `criticality ${row.criticality} is not known; use A, B, C or high, medium, low`;
  if (row.type !== undefined && !known.types.has(row.type))
    known.types.set(
      row.type,
      (await deps.relational.assetTypes.ensure(who, { name: row.type })).id,
    );
  if (row.site !== undefined && !known.sites.has(row.site)) {
    const site = { name: row.site, zone: deps.tenant.zone };
    known.sites.set(row.site, (await deps.relational.sites.create(who, site)).id);
  }
  // Columns that the file lacks stay as they are; `undefined` would clear them.
  const given: { -readonly [K in keyof Asset]?: Asset[K] | undefined } = {};
  if (row.name !== undefined) given.name = row.name;
  if (row.type !== undefined) given.typeId = known.types.get(row.type);
  if (row.site !== undefined) given.siteId = known.sites.get(row.site);
  if (row.parent !== undefined) given.parentId = known.idOf.get(row.parent);
  if (row.criticality !== undefined) given.criticality = criticality;
  if (row.installedAtUs !== undefined) given.installedAtUs = row.installedAtUs;
  if (row.downtimeCostPerHour !== undefined) given.downtimeCostPerHour = row.downtimeCostPerHour;
  if (row.repairCost !== undefined) given.repairCost = row.repairCost;
  if (row.failureCost !== undefined) given.failureCost = row.failureCost;
  return { ...given, key: row.key };
}

async function upsertSensors(
  relational: Relational,
  who: Actor,
  rows: readonly SensorRow[],
): Promise<RowsResult> {
  const idOf = new Map((await relational.assets.all(who)).map((asset) => [asset.key, asset.id]));
  const before = new Map(
    (await relational.sensors.all(who)).map((s) => [`${s.assetId}\n${s.name}`, s.version]),
  );
  const errors: Refused[] = [];
  const inputs = rows.flatMap((row, index) => {
    const assetId = idOf.get(row.asset);
    if (assetId === undefined) {
      errors.push({ index, column: "asset", reason: `no asset ${row.asset}; import assets first` });
      return [];
    }
    const { lowCritical, lowWarning, highWarning, highCritical, unit, decimals } = row;
    const limits = { lowCritical, lowWarning, highWarning, highCritical };
    return [{ assetId, name: row.name, unit, decimals, limits }];
  });
  const after = await relational.sensors.upsert(who, inputs);
  const stored = after.filter((s) => before.get(`${s.assetId}\n${s.name}`) !== s.version).length;
  return { stored, duplicates: inputs.length - stored, errors };
}

const FINDING = { failure: "failure", planned: "planned", nothing_found: "nothing" } as const;

async function addMaintenance(
  relational: Relational,
  who: Actor,
  rows: readonly MaintenanceRow[],
  uploadId: string,
): Promise<RowsResult> {
  const idOf = new Map((await relational.assets.all(who)).map((asset) => [asset.key, asset.id]));
  const errors: Refused[] = [];
  const records = rows.flatMap((row, index): MaintenanceRecord[] => {
    const assetId = idOf.get(row.asset);
    if (assetId === undefined) {
      errors.push({ index, column: "asset", reason: `no asset ${row.asset}; import assets first` });
      return [];
    }
    return [
      {
        externalKey: row.externalKey,
        assetId,
        title: row.title ?? row.failureMode ?? "Maintenance",
        completedAtUs: row.finishedAtUs ?? row.startedAtUs,
        finding: FINDING[row.kind],
        failureMode: row.kind === "failure" ? (row.failureMode ?? "not said") : undefined,
        foundAtUs: row.startedAtUs,
        hours: row.hours,
        cost: row.cost,
        uploadId,
      },
    ];
  });
  const { created, updated, unchanged } = await relational.work.importRecords(who, records);
  return { stored: created + updated, duplicates: unchanged, errors };
}
