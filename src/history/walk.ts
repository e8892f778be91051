import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../domain/error.ts";
import { formatByName } from "./formats.ts";

export type Found = {
  readonly files: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly modifiedMs: number;
  }[];
  /** Files of folders whose names tell no format. */
  readonly passedOver: readonly string[];
};

/**
 * The files that some paths name: a file as it is, of a folder all whose names tell a format, below it too.
 * In the order of their names, so that what is older comes first where names are dates.
 * @throws AppError "not-found" for a path where nothing is.
 */
export async function findFiles(paths: readonly string[]): Promise<Found> {
  const files: { path: string; sizeBytes: number; modifiedMs: number }[] = [];
  const passedOver: string[] = [];
  const add = async (path: string, isNamed: boolean): Promise<void> => {
    const found = await stat(path).catch((cause: unknown) => {
      throw new AppError("not-found", `there is no ${path}`, { cause });
    });
    if (found.isDirectory()) {
      const names = (await readdir(path)).filter((name) => !name.startsWith(".")).sort(byName);
      for (const name of names) await add(join(path, name), false);
    } else if (isNamed || formatByName(path) !== undefined)
      files.push({ path, sizeBytes: found.size, modifiedMs: Math.floor(found.mtimeMs) });
    else passedOver.push(path);
  };
  for (const path of paths) await add(path, true);
  return { files, passedOver };
}

/** By code units, digits by their number: part-2 comes before part-10. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true }) || (a < b ? -1 : 1);
}
