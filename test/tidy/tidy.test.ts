import { expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SETTINGS } from "../../src/config.ts";
import { BANNED_TEXT, BANS } from "./banned-calls.ts";
import { blank } from "./blank.ts";
import { EXCEPTIONS, type Exception } from "./exceptions.ts";
import { functionsOver } from "./function-size.ts";
import { whyForbidden } from "./import-rules.ts";
import { unreferenced } from "./references.ts";
import {
  importsOf,
  isCode,
  isTest,
  lineOf,
  ROOT,
  readSources,
  repositoryPaths,
} from "./source-files.ts";

const MAX_FILE_LINES = 500;
const MAX_FUNCTION_LINES = 70;
const MAX_COLUMNS = 100;
const MAX_COMMENT_COLUMNS = 120;
const MAX_BLOB_BYTES = 256 * 1024;

const paths = repositoryPaths();
const sources = readSources(paths);
const textPaths = paths.filter((path) => !/\.(png|ico|woff2?|gz|zst|parquet|bin)$/.test(path));

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The code without lines for which the linter was told the reason. */
function withoutSuppressed(file: { text: string; codeOnly: string }): string {
  const lines = file.text.split("\n");
  return file.codeOnly
    .split("\n")
    .map((line, i) => (/\/\/ biome-ignore \S+: \S/.test(lines[i - 1] ?? "") ? "" : line))
    .join("\n");
}

/** True when a line holds one quoted text (which a formatter cannot break) and little else. */
function isQuoteAlone(line: string): boolean {
  return /^\s*[\w\s:=({[?]*(["'`]).*\1[\])},;+\s]*$/.test(line);
}

function hits(path: string, text: string, pattern: RegExp, why: string): string[] {
  return [...text.matchAll(pattern)].map(
    (m) => `${path}:${lineOf(text, m.index)} ${m[0].trim()}: ${why}`,
  );
}

/** Sizes over their limit, minus what is excepted; and exceptions that are no longer needed. */
function overLimit(
  rule: Exception["rule"],
  limit: number,
  sizes: readonly { file: string; at: string; size: number }[],
): string[] {
  const excepted = new Map(EXCEPTIONS.filter((e) => e.rule === rule).map((e) => [e.file, e]));
  const over = sizes.filter((s) => s.size > (excepted.get(s.file)?.limit ?? limit));
  const stale = [...excepted.values()].filter(
    (e) => !sizes.some((s) => s.file === e.file && s.size > limit),
  );
  return [
    ...over.map(
      (s) => `${s.at} has ${s.size}, the limit is ${excepted.get(s.file)?.limit ?? limit}`,
    ),
    ...stale.map((e) => `test/tidy/exceptions.ts ${e.file} needs no exception any more`),
  ];
}

test("imports point down", () => {
  const offences = sources.flatMap((file) =>
    importsOf(file).flatMap((found) => {
      const why = whyForbidden(file.path, found);
      return why === undefined
        ? []
        : [`${file.path}:${found.line} imports ${found.target}: ${why}`];
    }),
  );
  expect(offences).toEqual([]);
});

test("files have at most 500 lines", () => {
  const sizes = sources.map((file) => {
    const size = file.text.split("\n").length - 1;
    return { file: file.path, at: file.path, size };
  });
  expect(overLimit("file-lines", MAX_FILE_LINES, sizes)).toEqual([]);
});

test("functions have at most 70 lines", () => {
  const product = sources
    .map((s) => s.path)
    .filter((path) => !isTest(path) || path.startsWith("test/services/"));
  const sizes = functionsOver(MAX_FUNCTION_LINES, product);
  expect(overLimit("function-lines", MAX_FUNCTION_LINES, sizes)).toEqual([]);
});

test("lines have at most 100 columns, 120 with a comment or a quote", () => {
  const offences = sources.flatMap((file) => {
    const code = file.codeOnly.split("\n").map((line) => line.trim().length);
    return file.text.split("\n").flatMap((line, i) => {
      const hasMore =
        line.trim().length > (code[i] ?? 0) || line.includes("`") || /["']/.test(line);
      const limit = hasMore ? MAX_COMMENT_COLUMNS : MAX_COLUMNS;
      return line.length > limit && !isQuoteAlone(line) && !/https?:\/\/\S{40,}/.test(line)
        ? [`${file.path}:${i + 1} has ${line.length} columns`]
        : [];
    });
  });
  expect(offences).toEqual([]);
});

test("no banned call", () => {
  const offences = sources.flatMap((file) =>
    BANS.filter((ban) => !ban.allowed(file.path)).flatMap((ban) =>
      hits(file.path, withoutSuppressed(file), ban.pattern, `use ${ban.instead}`),
    ),
  );
  expect(offences).toEqual([]);
});

test("no leftover, and no word about one machine", () => {
  const offences = textPaths
    .filter((path) => path !== "test/tidy/banned-calls.ts")
    .flatMap((path) => {
      const text = read(path);
      return BANNED_TEXT.flatMap((ban) => hits(path, text, ban.pattern, ban.why));
    });
  expect(offences).toEqual([]);
});

test("views name tokens, never a colour or a style of their own", () => {
  const offences = sources
    .filter((file) => file.path.startsWith("views/") && file.path.endsWith(".tsx"))
    .flatMap((file) => {
      const own = /#[0-9a-fA-F]{6}\b|\[#|\bstyle=(?!"--)/g;
      return hits(file.path, file.withoutComments, own, "use a class of views/css");
    });
  expect(offences).toEqual([]);
});

test("no file that nothing refers to", () => {
  expect(unreferenced(sources, textPaths, read)).toEqual([]);
});

test("no blob over 256 KiB", () => {
  const sizes = paths.map((path) => ({
    file: path,
    at: path,
    size: statSync(join(ROOT, path)).size,
  }));
  expect(overLimit("blob-bytes", MAX_BLOB_BYTES, sizes)).toEqual([]);
});

test("names of code files are kebab-case nouns with a meaning", () => {
  const offences = paths.filter(isCode).filter((path) => {
    const name = path.split("/").at(-1) ?? "";
    return (
      !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|soak|d))?\.(tsx?|mjs|js)$/.test(name) ||
      /(^|\/)(utils?|helpers?|common|manager|base)(\/|\.)/.test(path)
    );
  });
  expect(offences).toEqual([]);
});

test("every dependency is explained in docs/decisions", () => {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read("package.json"));
  const decisions = paths
    .filter((path) => path.startsWith("docs/decisions/"))
    .map(read)
    .join("\n");
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies });
  expect(names.length).toBeGreaterThan(10);
  const isNamed = (name: string) =>
    decisions.includes(name) ||
    (name in optionalDependencies && decisions.includes(`${name.split("/")[0]}/`));
  expect(names.filter((name) => !isNamed(name))).toEqual([]);
});

test("every setting is documented", () => {
  const docs = paths
    .filter((path) => /^(docs\/|README)/.test(path))
    .map(read)
    .join("\n");
  const missing = Object.values(SETTINGS)
    .map((s) => s.env)
    .filter((env) => !docs.includes(env));
  expect(missing).toEqual([]);
});

test("every command is documented", () => {
  const docs = paths
    .filter((path) => /^(docs\/|README)/.test(path))
    .map(read)
    .join("\n");
  const cli = sources.filter((s) => s.path.startsWith("src/cli/") && !isTest(s.path));
  const names = cli.flatMap((file) =>
    file.withoutComments
      .split(/\bname: "(?=[a-z-]+",\s*sentence:)/)
      .slice(1)
      .filter((command) => !command.includes("internal: true"))
      .map((command) => command.slice(0, command.indexOf('"'))),
  );
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !docs.includes(`foresight ${name}`))).toEqual([]);
});

test("every plugin has a README and is named in docs/plugins.md", () => {
  const ids = [...new Set(paths.map((p) => /^plugins\/([^/]+)\//.exec(p)?.[1] ?? ""))].filter(
    Boolean,
  );
  expect(ids).not.toEqual([]);
  const docs = paths.includes("docs/plugins.md") ? read("docs/plugins.md") : "";
  const offences = ids.filter(
    (id) => !paths.includes(`plugins/${id}/README.md`) || !docs.includes(id),
  );
  expect(offences).toEqual([]);
});

test.each([
  ["a line comment", 'a(); // Date.now()\nb("x");', "a();              \nb(   );"],
  ["a quote in a comment", "/* don't */ a('x')", "            a(   )"],
  ["a template with code in it", ["`a $", "{b(`c`)} d` + e"].join(""), "     b(   )     + e"],
  ["a regex with a quote in it", 'x = /["/]/g; y("z")', "x =       g; y(   )"],
  ["a division", "a / b / c", "a / b / c"],
  ["an escaped quote", String.raw`f("\"", g)`, "f(    , g)"],
])("blank: %s", (_name, text, expected) => {
  expect(blank(text).codeOnly).toBe(expected);
});

test.each([
  ["lib imports domain", "src/lib/a.ts", "src/domain/b.ts", false],
  ["domain imports lib", "src/domain/a.ts", "src/lib/b.ts", true],
  ["siblings", "src/api/a.ts", "src/web/b.ts", false],
  ["web imports views", "src/web/a.ts", "views/pages/b.tsx", true],
  ["api imports views", "src/api/a.ts", "views/pages/b.tsx", false],
  ["the host imports the sdk", "src/plugin-host/a.ts", "src/plugin-sdk/index.ts", true],
  ["the sdk imports the host", "src/plugin-sdk/a.ts", "src/plugin-host/index.ts", false],
  ["a plugin imports the sdk", "plugins/files/index.ts", "src/plugin-sdk/index.ts", true],
  ["a plugin imports lib", "plugins/files/index.ts", "src/lib/b.ts", false],
  ["a plugin imports another", "plugins/files/index.ts", "plugins/sap/index.ts", false],
  ["the root imports anything", "src/app.ts", "src/api/a.ts", true],
  ["a folder imports the root", "src/api/a.ts", "src/config.ts", false],
  ["the command line imports app.ts", "src/cli/a.ts", "src/app.ts", true],
  ["the product imports a test", "src/app.ts", "test/sim/a.ts", false],
  ["the demo from the api", "src/api/a.ts", "src/demo/plant.ts", false],
  ["the demo from app.ts", "src/app.ts", "src/demo/plant.ts", true],
  ["the demo from the command line", "src/cli/a.ts", "src/demo/plant.ts", true],
  ["the demo from another file of the root", "src/core.ts", "src/demo/plant.ts", false],
  ["a view imports domain", "views/a.tsx", "src/domain/b.ts", true],
  ["a view imports lib", "views/a.tsx", "src/lib/b.ts", false],
])("import rule: %s", (_name, from, target, isFine) => {
  expect(whyForbidden(from, { line: 1, target, typeOnly: false }) === undefined).toBe(isFine);
});

test("imports are seen in every form", () => {
  const withoutComments = [
    'import a from "./a.ts";',
    'import { type B, type C } from "../b.ts";',
    'export * from "./c.ts";',
    'const d = await import("./d.ts");',
    'new Worker(new URL("./e.ts", import.meta.url));',
    'import f from "package";',
    'import "./g.css";',
  ].join("\n");
  const found = importsOf({ path: "src/x/y.ts", withoutComments });
  expect(found.map((f) => `${f.line} ${f.target} ${f.typeOnly}`)).toEqual([
    "1 src/x/a.ts false",
    "2 src/b.ts true",
    "3 src/x/c.ts false",
    "4 src/x/d.ts false",
    "5 src/x/e.ts false",
    "7 src/x/g.css false",
  ]);
});
