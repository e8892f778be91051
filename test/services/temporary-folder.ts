import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];
let isHooked = false;

/** A new folder that anybody may enter; removed when the tests end. */
export function temporaryFolder(name = "test"): string {
  const path = mkdtempSync(join(tmpdir(), `foresight-${name}-`));
  chmodSync(path, 0o755);
  made.push(path);
  if (!isHooked) {
    isHooked = true;
    process.once("exit", () => {
      for (const folder of made) rmSync(folder, { recursive: true, force: true });
    });
  }
  return path;
}
