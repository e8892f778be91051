import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** Small texts by key, each in a file of its own that is replaced whole and flushed. */
export type FileCheckpoints = {
  load(key: string): Promise<string | undefined>;
  save(key: string, checkpoint: string): Promise<void>;
  remove(key: string): Promise<void>;
};

/** Keeps checkpoints below `root`; keys are letters, digits, dashes and underscores. */
export function createFileCheckpoints(root: string): FileCheckpoints {
  const pathOf = (key: string) => {
    if (!/^[A-Za-z0-9_-]{1,100}$/.test(key)) throw new Error(`${key} is no checkpoint key`);
    return join(root, `${key}.checkpoint`);
  };
  return {
    async load(key) {
      try {
        return await readFile(pathOf(key), "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    },
    async save(key, checkpoint) {
      const path = pathOf(key);
      await mkdir(root, { recursive: true, mode: 0o700 });
      const file = await open(`${path}.new`, "w", 0o600);
      try {
        await file.writeFile(checkpoint);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
    },
    remove: (key) => rm(pathOf(key), { force: true }),
  };
}
