// Everything that must hold before a commit: format and lint, types, the rules of the repository.
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const steps = [
  ["format and lint", ["node_modules/@biomejs/biome/bin/biome", "ci", "."]],
  ["types", ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "."]],
  ["tidy", ["test", "./test/tidy"]],
] as const;

const failed: string[] = [];
for (const [name, args] of steps) {
  process.stderr.write(`foresight: ${name}\n`);
  const child = Bun.spawnSync([process.execPath, ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (child.exitCode !== 0) failed.push(name);
}
process.stderr.write(
  failed.length === 0 ? "foresight: all is well\n" : `foresight: failed: ${failed.join(", ")}\n`,
);
process.exit(failed.length === 0 ? 0 : 1);
