import { join } from "node:path";
import { ROOT } from "./source-files.ts";

type Diagnostic = {
  readonly category: string;
  readonly message: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
};

/** Functions of more than `maxLines` lines of code, as the linter counts them. */
export function functionsOver(
  maxLines: number,
  paths: readonly string[],
): { file: string; at: string; size: number }[] {
  const got = Bun.spawnSync(
    [
      process.execPath,
      join(ROOT, "node_modules/@biomejs/biome/bin/biome"),
      "lint",
      "--config-path=test/tidy/function-size.json",
      "--reporter=json",
      "--max-diagnostics=none",
      ...paths,
    ],
    { cwd: ROOT },
  );
  // The form is biome's own.
  const report = JSON.parse(got.stdout.toString()) as { diagnostics: Diagnostic[] };
  return report.diagnostics.flatMap((d) => {
    if (!d.category.endsWith("noExcessiveLinesPerFunction")) return [];
    const size = Number(/\((\d+)\)/.exec(d.message)?.[1] ?? Number.NaN);
    if (!Number.isFinite(size)) throw new Error(`${d.location.path}: ${d.message}`);
    const { path, start } = d.location;
    return size > maxLines ? [{ file: path, at: `${path}:${start.line} a function`, size }] : [];
  });
}
