import { isTest } from "./source-files.ts";

/** A call that is not to be made, and what to use instead. */
export type Ban = {
  readonly pattern: RegExp;
  readonly instead: string;
  /** Paths that may use it. */
  readonly allowed: (path: string) => boolean;
};

const nowhere = () => false;
const inBrowser = (path: string) => path.startsWith("views/assets/");
const outsideProduct = (path: string) => isTest(path) || path.startsWith("scripts/");

function holdsClock(path: string): boolean {
  return path === "src/lib/clock.ts" || path === "src/main.ts" || outsideProduct(path);
}

function holdsRandom(path: string): boolean {
  return path === "src/lib/random.ts" || path === "src/main.ts" || outsideProduct(path);
}

export const BANS: readonly Ban[] = [
  {
    pattern: /\bDate\.now\b|\bnew Date\(\s*\)/g,
    instead: "a Clock's nowUs()",
    allowed: (path) => holdsClock(path) || inBrowser(path),
  },
  {
    pattern: /\bsetInterval\b|\bsetTimeout\b|\bBun\.sleep/g,
    instead: "a Clock's every() or after()",
    allowed: (path) => holdsClock(path) || inBrowser(path),
  },
  {
    pattern: /\bMath\.random\b/g,
    instead: "a seeded generator of lib/random.ts",
    allowed: holdsRandom,
  },
  {
    pattern: /\bconsole\s*\.\s*\w+/g,
    instead: "the Logger that is handed in (a script writes to process.stderr)",
    allowed: nowhere,
  },
  {
    pattern: /\bas any\b|[:<|&,([]\s*any\b(?!\s*[:(])|\bany\[\]/g,
    instead: "unknown, and a check",
    allowed: nowhere,
  },
  { pattern: /\.only\s*\(/g, instead: "the whole test file", allowed: nowhere },
  { pattern: /\bdebugger\b/g, instead: "nothing", allowed: nowhere },
];

/** What may stand in no text of the repository. Written so that this file does not match itself. */
export const BANNED_TEXT: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /@ts-(ignore|nocheck)\b/g, why: "mend the type" },
  { pattern: /\b(TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b/g, why: "do it, or file it" },
  { pattern: /\bnot (?:yet )?impl[e]mented\b/gi, why: "no stubs" },
  { pattern: /\/work\/(?:main|shared|\.library)\b/g, why: "a path of one machine" },
  { pattern: /(?<![\w.~-])\/root\/\w/g, why: "a path of one machine" },
  { pattern: /\bfs[b]un\b/g, why: "a name of one machine" },
  { pattern: /\bregistry\.(?:npmjs|yarnpkg)\b/g, why: "the client knows its registry" },
];
