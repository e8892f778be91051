import { unpackOnce } from "../lib/runtime-files.ts";
import type { PackedPart } from "./embedded.ts";

/** Unpacks a part of the binary into `<runtimeDir>/<name>-<key>`, once; returns that folder. */
export function unpackPart(runtimeDir: string, name: string, part: PackedPart): Promise<string> {
  return unpackOnce({
    root: runtimeDir,
    name: `${name}-${part.key}`,
    fill: async (folder) => {
      const packed = await Bun.file(part.archivePath).bytes();
      await new Bun.Archive(await Bun.zstdDecompress(packed)).extract(folder);
    },
  });
}
