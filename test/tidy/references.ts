import { importsOf, isTest, type SourceFile } from "./source-files.ts";

/** Files that start something by themselves: programs, their threads, tests and benchmarks. */
function isEntry(path: string): boolean {
  return (
    /^src\/(main|engine|log-packer|store|trainer)\.ts$/.test(path) ||
    /\.(test|bench|soak)\.tsx?$/.test(path) ||
    path.includes("/testdata/") ||
    path.startsWith("views/css/") || // read as a folder
    path === "test/browser/preview.ts" || // started by hand, to look at pages
    path.endsWith(".d.ts")
  );
}

function folderIsChecked(path: string): boolean {
  return /^(src|plugins|views|test|scripts)\//.test(path) && !path.endsWith(".md");
}

/**
 * Files that no other file imports or names. A file of the product needs another file of the product
 * (or a script) to refer to it: its own test does not count.
 */
export function unreferenced(
  sources: readonly SourceFile[],
  paths: readonly string[],
  read: (path: string) => string,
): string[] {
  const importers = new Map<string, string[]>();
  for (const file of sources) {
    for (const { target } of importsOf(file)) {
      const known = importers.get(target);
      if (known === undefined) importers.set(target, [file.path]);
      else known.push(file.path);
    }
  }
  const mentions = paths
    .filter((path) => /\.(ts|tsx|mjs|json|toml|css|html)$|^\.ci\/|Dockerfile/.test(path))
    .map((path) => ({ path, text: read(path) }));
  return paths.filter(folderIsChecked).filter((path) => {
    if (isEntry(path)) return false;
    const counts = (from: string) => from !== path && (isTest(path) || !isTest(from));
    if ((importers.get(path) ?? []).some(counts)) return false;
    const name = path.split("/").at(-1) ?? path;
    return !mentions.some((m) => counts(m.path) && m.text.includes(name));
  });
}
