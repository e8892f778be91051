import { readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { type Blanked, blank } from "./blank.ts";

export const ROOT = dirname(dirname(import.meta.dir));

/** A tracked file, its path from the root with slashes. */
export type SourceFile = Blanked & { readonly path: string; readonly text: string };

/** An import of one of our own files. */
export type Import = {
  readonly line: number;
  readonly target: string;
  /** True when only types come in. */
  readonly typeOnly: boolean;
};

/** Every file that belongs to the repository: tracked, or new and not ignored. */
export function repositoryPaths(): string[] {
  const got = Bun.spawnSync(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    {
      cwd: ROOT,
    },
  );
  const paths = got.success
    ? got.stdout.toString().split("\0")
    : [...new Bun.Glob("**/*").scanSync({ cwd: ROOT, dot: true })].filter(
        (path) => !/^(\.git|node_modules|\.toolchain|build|dist)\/|^data\/(?!README)/.test(path),
      );
  return paths.filter((path) => path !== "" && isFile(path)).sort();
}

function isFile(path: string): boolean {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** True for files in a language that the rules about code are for. */
export function isCode(path: string): boolean {
  return /\.(ts|tsx|mjs|js)$/.test(path);
}

/** True for tests, benchmarks and what only they use. */
export function isTest(path: string): boolean {
  if (/^test\/|\/testdata\/|\.(test|bench|soak)\.tsx?$/.test(path)) return true;
  // Suites that every implementation of an interface runs, and what stands in for parts in tests.
  return /(^|\/)(contract|test|testing)(-[\w-]+)?\.tsx?$/.test(path);
}

export function readSources(paths: readonly string[]): SourceFile[] {
  return paths.filter(isCode).map((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    return { path, text, ...blank(text) };
  });
}

/** Line number, from 1, of an index in a text. */
export function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

const PATH = `["'](\\.[^"']+)["']`;
const IMPORT = new RegExp(
  [
    `\\bimport\\s+(type\\s+)?([^"';()]*?)\\bfrom\\s*${PATH}`,
    `\\bexport\\s+(type\\s+)?(?:\\*(?:\\s+as\\s+\\w+)?|\\{[^}]*\\})\\s*from\\s*${PATH}`,
    `\\bimport\\s*\\(?\\s*${PATH}`,
    `\\bnew URL\\(\\s*${PATH}`,
  ].join("|"),
  "g",
);

/** Relative imports of a file, as paths from the root. Files loaded by `new URL` count too. */
export function importsOf(file: Pick<SourceFile, "path" | "withoutComments">): Import[] {
  return [...file.withoutComments.matchAll(IMPORT)].map((match) => {
    const [, typeWord, names = "", from, exportType, exportFrom, bare, url] = match;
    const relative = from ?? exportFrom ?? bare ?? url ?? "";
    const onlyTypeNames =
      /^\{.*\}\s*$/s.test(names.trim()) &&
      names
        .replace(/[{}]/g, "")
        .split(",")
        .filter((name) => name.trim() !== "")
        .every((name) => name.trim().startsWith("type "));
    return {
      line: lineOf(file.withoutComments, match.index),
      target: normalize(join(dirname(file.path), relative)),
      typeOnly: typeWord !== undefined || exportType !== undefined || onlyTypeNames,
    };
  });
}
