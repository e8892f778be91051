import { createHash } from "node:crypto";
import {
  type AssetRow,
  type AssetTypeRow,
  BATCH_LIMITS,
  type Batch,
  MAINTENANCE_KINDS,
  type MaintenanceRow,
  type RowError,
  type SensorRow,
} from "../../src/plugin-sdk/index.ts";
import type { FilesConfig } from "./config.ts";
import { type Row, textOf } from "./csv.ts";
import { createNumberParser } from "./numbers.ts";
import type { RowHandler } from "./row-handler.ts";
import { createTally, type Tally } from "./tally.ts";
import { createTimeParser } from "./times.ts";

type CellKind = "text" | "asset" | "number" | "whole" | "time" | "list" | "work";
type Column = { readonly name: string; readonly kind: CellKind; readonly isRequired?: true };

/** The columns of each kind of table, in the order of its documentation. */
export const TABLES = {
  "asset-types": [
    { name: "name", kind: "text", isRequired: true },
    { name: "clock_step_hours", kind: "number" },
    { name: "clock_unit", kind: "text" },
    { name: "planning_horizon_steps", kind: "whole" },
    { name: "settings", kind: "list" },
  ],
  assets: [
    { name: "key", kind: "asset", isRequired: true },
    { name: "name", kind: "text" },
    { name: "type", kind: "text" },
    { name: "parent", kind: "asset" },
    { name: "site", kind: "text" },
    { name: "criticality", kind: "text" },
    { name: "installed_at", kind: "time" },
    { name: "downtime_cost_per_hour", kind: "number" },
    { name: "repair_cost", kind: "number" },
    { name: "failure_cost", kind: "number" },
  ],
  sensors: [
    { name: "asset", kind: "asset", isRequired: true },
    { name: "name", kind: "text", isRequired: true },
    { name: "unit", kind: "text" },
    { name: "decimals", kind: "whole" },
    { name: "low_critical", kind: "number" },
    { name: "low_warning", kind: "number" },
    { name: "high_warning", kind: "number" },
    { name: "high_critical", kind: "number" },
  ],
  maintenance: [
    { name: "asset", kind: "asset", isRequired: true },
    { name: "started_at", kind: "time", isRequired: true },
    { name: "finished_at", kind: "time" },
    { name: "kind", kind: "work", isRequired: true },
    { name: "failure_mode", kind: "text" },
    { name: "title", kind: "text" },
    { name: "cost", kind: "number" },
    { name: "hours", kind: "number" },
    { name: "external_key", kind: "text" },
  ],
} as const satisfies Readonly<Record<string, readonly Column[]>>;

export type TableKind = keyof typeof TABLES;

/** The columns a table of this kind may have. */
export function columnsOf(kind: TableKind): readonly Column[] {
  return TABLES[kind];
}

const TEXT_CHARS = 1_000;
/** Assets go at once as far as they may: a parent may stand below its children in the file. */
const BATCH_ROWS = { assets: BATCH_LIMITS.rows, other: 10_000 };
const BATCH_BYTES = 4 << 20;

type Cell = string | number | readonly string[];
type Cells = Readonly<Record<string, Cell>>;
type Parse = (kind: CellKind, text: string) => Cell | Error;

function createCellParser(config: FilesConfig): Parse {
  const times = createTimeParser(config);
  const parseNumber = createNumberParser(config.decimal);
  const isWork = (text: string) => MAINTENANCE_KINDS.some((kind) => kind === text);
  return (kind, text) => {
    switch (kind) {
      case "text":
        return text.length > TEXT_CHARS ? new Error(`longer than ${TEXT_CHARS} characters`) : text;
      case "asset":
        return text.length > 256
          ? new Error("longer than 256 characters")
          : config.assetPrefix + text;
      case "number":
        return parseNumber(text) ?? new Error(`${JSON.stringify(text)} is not a number`);
      case "whole": {
        const value = parseNumber(text);
        if (value !== undefined && Number.isInteger(value) && value >= 0) return value;
        return new Error(`${JSON.stringify(text)} is not a whole number from 0`);
      }
      case "time": {
        const time = times.parse(text, true);
        return "reason" in time ? new Error(time.reason) : time.atUs;
      }
      case "list":
        return text.split(";").flatMap((item) => (item.trim() === "" ? [] : [item.trim()]));
      case "work": {
        const word = text.toLowerCase().replaceAll(/[ -]/g, "_");
        if (isWork(word)) return word;
        return new Error(`${JSON.stringify(text)} is none of ${MAINTENANCE_KINDS.join(", ")}`);
      }
    }
  };
}

/** The key by which the same row is known again: the file's own, else a hash of all it says. */
function externalKeyOf(cells: Cells): string {
  if (cells.external_key !== undefined) return `file:${String(cells.external_key)}`;
  const all = TABLES.maintenance.map((column) => cells[column.name] ?? null);
  return `row:${createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 32)}`;
}

/** What contradicts itself within a row. */
function contradiction(kind: TableKind, cells: Cells): Omit<RowError, "line"> | undefined {
  if (kind === "sensors") {
    const names = ["low_critical", "low_warning", "high_warning", "high_critical"];
    const limits = names.filter((name) => cells[name] !== undefined);
    for (let i = 1; i < limits.length; i++) {
      const [below = "", above = ""] = [limits[i - 1], limits[i]];
      if (Number(cells[below]) <= Number(cells[above])) continue;
      return {
        column: above,
        reason: `${above} ${cells[above]} is below ${below} ${cells[below]}`,
      };
    }
  }
  if (kind === "maintenance" && cells.finished_at !== undefined) {
    if (Number(cells.finished_at) < Number(cells.started_at)) {
      return { column: "finished_at", reason: "finished_at is before started_at" };
    }
  }
  if (kind === "assets" && cells.parent !== undefined && cells.parent === cells.key) {
    return { column: "parent", reason: "an asset cannot be a part of itself" };
  }
  return undefined;
}

const camel = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** Field of a row for a column: `installed_at` is `installedAtUs`. */
const FIELDS: ReadonlyMap<string, string> = new Map(
  Object.values(TABLES)
    .flat()
    .map((column) => [column.name, camel(column.name) + (column.kind === "time" ? "Us" : "")]),
);

/** The cells of a row by column; undefined when one is wrong or missing, which is told. */
function createRowReader(
  kind: TableKind,
  columns: readonly (string | undefined)[],
  config: FilesConfig,
  tally: Tally,
) {
  const parse = createCellParser(config);
  const table = columnsOf(kind);
  const byIndex = columns.map((name) => table.find((column) => column.name === name));
  const hasAsset = config.asset !== undefined && table.some((column) => column.name === "asset");
  const fixed: Cells = hasAsset ? { asset: config.assetPrefix + config.asset } : {};
  return (row: Row): Cells | undefined => {
    const cells: Record<string, Cell> = { ...fixed };
    let isGood = true;
    for (const [index, column] of byIndex.entries()) {
      if (column === undefined) continue;
      const text = textOf(row, index)?.trim();
      const value = text === undefined ? new Error("not UTF-8") : text && parse(column.kind, text);
      if (value instanceof Error) tally.fail(row.line, column.name, value.message);
      if (value instanceof Error) isGood = false;
      else if (value !== "") cells[column.name] = value;
    }
    if (!isGood) return undefined;
    const empty = table.find((column) => column.isRequired && cells[column.name] === undefined);
    if (empty === undefined) return cells;
    tally.fail(row.line, empty.name, `${empty.name} is empty`);
    return undefined;
  };
}

function entityOf(kind: TableKind, cells: Cells): Record<string, unknown> {
  const { external_key: _key, ...rest } = cells;
  const fields = Object.entries(rest).map(([name, value]) => [FIELDS.get(name) ?? name, value]);
  const entity: Record<string, unknown> = Object.fromEntries(fields);
  if (kind === "maintenance") entity.externalKey = externalKeyOf(cells);
  return entity;
}

/** Reads the rows of a table; what is wrong with a cell spoils its row and is said. */
export function createTableHandler(
  kind: TableKind,
  columns: readonly (string | undefined)[],
  config: FilesConfig,
): RowHandler {
  const tally = createTally();
  const cellsOf = createRowReader(kind, columns, config, tally);
  const rowsMax = kind === "assets" ? BATCH_ROWS.assets : BATCH_ROWS.other;
  let rows: Record<string, unknown>[] = [];
  let rowLines: number[] = [];
  let sizeBytes = 0;
  return {
    row(row) {
      tally.row();
      if (row.problem !== undefined) return tally.fail(row.line, undefined, row.problem);
      if (row.count !== columns.length) {
        const reason = `${row.count} columns, where the header has ${columns.length}`;
        return tally.fail(row.line, undefined, reason);
      }
      const cells = cellsOf(row);
      if (cells === undefined) return;
      const wrong = contradiction(kind, cells);
      if (wrong !== undefined) return tally.fail(row.line, wrong.column, wrong.reason);
      rows.push(entityOf(kind, cells));
      rowLines.push(row.line);
      sizeBytes += (row.ends[row.count - 1] ?? 0) - (row.starts[0] ?? 0);
    },
    isFull: () => tally.rows() >= rowsMax || sizeBytes >= BATCH_BYTES,
    take() {
      const batch = { ...tally.take(), rowLines, kind, ...named(kind, rows) };
      [rows, rowLines, sizeBytes] = [[], [], 0];
      return batch;
    },
  };
}

function named(kind: TableKind, rows: readonly Record<string, unknown>[]): Partial<Batch> {
  // Each row was built from TABLES[kind], whose columns are that type's fields; required ones are there.
  switch (kind) {
    case "asset-types":
      return { assetTypes: rows as unknown as readonly AssetTypeRow[] };
    case "assets":
      return { assets: rows as unknown as readonly AssetRow[] };
    case "sensors":
      return { sensors: rows as unknown as readonly SensorRow[] };
    case "maintenance":
      return { maintenance: rows as unknown as readonly MaintenanceRow[] };
  }
}
