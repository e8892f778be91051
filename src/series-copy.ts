import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AppDeps } from "./app-deps.ts";
import type { CopySeries } from "./cli/series.ts";
import { isInstallation, openDataFolder, ownerName } from "./data-folder.ts";
import { AppError } from "./domain/error.ts";
import type { ReadingStoreEngine } from "./domain/reading-store.ts";
import { readOrMakeKey } from "./lib/secret-box.ts";
import { openStore } from "./open-store.ts";
import { copyStore } from "./series/copy.ts";
import { questdbAddressOf } from "./series/questdb/index.ts";

/** How far a copy has come; `key` tells one pair of stores from another without their passwords. */
type Mark = { readonly key: string; readonly afterSeriesNo: number };

/** Copies the readings of an installation whose server is stopped from one store to another. */
export function seriesCopier({ config, logger }: AppDeps): CopySeries {
  return async ({ folder: root, from, to, onProgress }) => {
    if (from === to) throw new AppError("invalid", "--from and --to name the same store");
    if (!isInstallation(root))
      throw new AppError("not-found", `there is no installation in ${root}; --data names another`);
    const folder = openDataFolder(root);
    const opened: ReadingStoreEngine[] = [];
    const open = async (place: string) => {
      const store = await openStore(
        {
          dataDir: folder.series,
          lakeDir: folder.lake,
          leastFreeBytes: 2 * config.diskFloorBytes,
          runtimeDir: folder.runtime,
          memoryBytes: config.duckdbMemoryBytes,
          threads: 1,
          owner: ownerName(readOrMakeKey(folder.keyFile, noKey)),
          ...(place === "embedded" ? {} : { questdb: addressOf(place, config.seriesUrl) }),
        },
        logger,
      );
      opened.push(store);
      return store;
    };
    const path = join(folder.series, "copy.json");
    const key = String(Bun.hash(`${from} ${to}`));
    try {
      const mark = readMark(path);
      const afterSeriesNo = mark?.key === key ? mark.afterSeriesNo : 0;
      const counts = await copyStore(await open(from), await open(to), {
        afterSeriesNo,
        onProgress: async ({ seriesNo, readings }) => {
          writeFileSync(path, JSON.stringify({ key, afterSeriesNo: seriesNo } satisfies Mark));
          onProgress(seriesNo, readings);
        },
      });
      rmSync(path, { force: true });
      return { readings: counts.readings, series: counts.series };
    } catch (error) {
      // Its counts differ: the next copy begins at the beginning.
      if (error instanceof AppError && error.code === "conflict") rmSync(path, { force: true });
      throw error;
    } finally {
      for (const store of opened) await store.stop();
      folder.release();
    }
  };
}

function readMark(path: string): Mark | undefined {
  // Written above in this form.
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Mark) : undefined;
}

function addressOf(place: string, seriesUrl: string) {
  if (place !== "questdb") return questdbAddressOf(place);
  if (seriesUrl === "")
    throw new AppError("invalid", "questdb means FORESIGHT_SERIES_URL, which is not set");
  return questdbAddressOf(seriesUrl);
}

/** The key is there: it is what makes a folder an installation. */
function noKey(): never {
  throw new AppError("not-found", "the installation has no key");
}
