import { dirname, join } from "node:path";
import { embedded } from "./embedded.ts";
import { unpackPart } from "./packed-part.ts";

/** DuckDB's C functions, as the native part offers them. */
export type DuckdbBindings = typeof import("@duckdb/node-bindings");

/**
 * Loads DuckDB's native part, unpacking it from the binary into `<runtimeDir>/duckdb-<version>` first when
 * it is not there. Works in a worker; the folder must not be mounted noexec.
 * @throws when the folder cannot be written or the library cannot be loaded.
 */
export async function loadDuckdb(runtimeDir: string): Promise<DuckdbBindings> {
  const folder = embedded.parts
    ? await unpackPart(runtimeDir, "duckdb", embedded.parts.duckdb)
    : duckdbPackageFolder();
  const module: { exports: unknown } = { exports: {} };
  process.dlopen(module, join(folder, "duckdb.node"));
  // The library was made for these declarations: both come from one version of the package.
  return module.exports as DuckdbBindings;
}

/** Folder of the installed package with this platform's native files. */
export function duckdbPackageFolder(): string {
  const name = `@duckdb/node-bindings-${process.platform}-${process.arch}/duckdb.node`;
  return dirname(Bun.resolveSync(name, import.meta.dir));
}
