import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A new folder that anybody may enter. The runner of the tests gives them a temporary folder of their
 * own and removes it whole, also what a killed program left in it.
 */
export function temporaryFolder(name = "test"): string {
  const path = mkdtempSync(join(tmpdir(), `foresight-${name}-`));
  chmodSync(path, 0o755);
  return path;
}
