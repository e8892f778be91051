// Runs every test in groups, one after the other, and ends with one line of sums.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { addCounts, type Counts, countsOf, lineOf } from "./test-counts.ts";

const root = join(import.meta.dir, "..");
/** Groups in the order they run: the cheapest first. A file belongs to the first that takes it. */
const GROUPS: readonly { readonly name: string; readonly takes: (path: string) => boolean }[] = [
  { name: "tidy", takes: (path) => path.startsWith("test/tidy/") },
  { name: "unit", takes: (path) => !/^test\/(system|crash|browser)\//.test(path) },
  { name: "system", takes: (path) => path.startsWith("test/system/") },
  { name: "crash", takes: (path) => path.startsWith("test/crash/") },
  { name: "browser", takes: (path) => path.startsWith("test/browser/") },
];
/** A soak run that is told nothing does so many of each; what has no count gets seconds. */
const DEFAULT_COUNTS = { kills: 100, inputs: 10_000_000, series: 1_000_000 } as const;
const DEFAULT_SOAK_SECONDS = 240;
/** What a test may take that names no time of its own. */
const TEST_LIMIT_MS = 60_000;
/** What a group may take before it is ended: a hang must not hide the results. */
const GROUP_LIMIT_MS = 20 * 60 * 1000;
/** A soak test stops by itself when its time is up; this is for its start, end and checks. */
const SOAK_GRACE_MS = 15 * 60 * 1000;
/** What a soak test with a count may take. */
const COUNTED_SOAK_LIMIT_MS = 2 * 60 * 60 * 1000;

/** Writes a line of our own between the lines of the tests. */
function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function filesNamed(kind: "test" | "soak", filters: readonly string[]): string[] {
  const glob = new Bun.Glob(`{src,plugins,views,scripts,test}/**/*.${kind}.{ts,tsx}`);
  return [...glob.scanSync({ cwd: root })]
    .map((path) => relative(root, join(root, path)))
    .filter((path) => filters.length === 0 || filters.some((part) => path.includes(part)))
    .sort();
}

/** Copies a child's output to ours and keeps its last part, where the sums stand. */
async function tee(stream: ReadableStream<Uint8Array>, out: NodeJS.WriteStream): Promise<string> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of stream) {
    out.write(chunk);
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-20_000);
  }
  return tail;
}

/** Runs one `bun test`; what ends without a sum, or with an exit code that its sum does not explain, failed. */
async function runFiles(
  files: readonly string[],
  limitMs: number,
  env: Readonly<Record<string, string>>,
): Promise<Counts> {
  const options = ["--timeout", String(TEST_LIMIT_MS), "--no-orphans"];
  const paths = files.map((path) => `./${path}`);
  // A folder of their own for short-lived files: what a killed test leaves goes with it.
  const temporary = mkdtempSync(join(tmpdir(), "foresight-tests-"));
  chmodSync(temporary, 0o1777); // as the system's own: tests run programs as other users
  const child = Bun.spawn([process.execPath, "test", ...options, ...paths], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env, TMPDIR: temporary },
  });
  const timer = setTimeout(() => {
    say(`foresight: ended after ${Math.round(limitMs / 1000)} s: ${files.join(" ")}`);
    child.kill("SIGKILL");
  }, limitMs);
  const [out, err, exitCode] = await Promise.all([
    tee(child.stdout, process.stdout),
    tee(child.stderr, process.stderr),
    child.exited,
  ]);
  clearTimeout(timer);
  rmSync(temporary, { recursive: true, force: true });
  const counts = countsOf(`${out}\n${err}`);
  if (counts === undefined) return { passed: 0, failed: 1, skipped: 0 };
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

async function runAll(filters: readonly string[]): Promise<Counts> {
  const left = new Set(filesNamed("test", filters));
  let sum: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const group of GROUPS) {
    const files = [...left].filter(group.takes);
    for (const path of files) left.delete(path);
    if (files.length === 0) continue;
    const startedMs = performance.now();
    say(`\n== ${group.name} (${files.length} files)`);
    const counts = await runFiles(files, GROUP_LIMIT_MS, {});
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    say(`== ${group.name}: ${lineOf(counts)} in ${seconds} s`);
    sum = addCounts(sum, counts);
  }
  return sum;
}

type SoakCounts = Readonly<Partial<Record<keyof typeof DEFAULT_COUNTS, string>>>;

/**
 * Shares the seconds between the soak tests, but for those that have a count; each draws everything
 * random from the one seed.
 */
async function runSoak(
  filters: readonly string[],
  { seconds, seed, todo }: { seconds: number; seed: number; todo: SoakCounts },
): Promise<Counts> {
  const files = filesNamed("soak", filters);
  const counted = Object.entries(todo);
  const named = counted.map(([of, count]) => `, ${count} ${of}`).join("");
  say(`soak: seed ${seed}, ${seconds} s over ${files.length} files${named}`);
  const most = Object.fromEntries(
    counted.map(([of, count]) => [`FORESIGHT_SOAK_${of.toUpperCase()}`, count]),
  );
  const endMs = performance.now() + seconds * 1000;
  let sum: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [i, path] of files.entries()) {
    const leftMs = Math.max(0, endMs - performance.now());
    const share = counted.length > 0 ? seconds / files.length : leftMs / 1000 / (files.length - i);
    const shareSeconds = Math.max(5, Math.floor(share));
    say(`\n== ${path} (${shareSeconds} s)`);
    const ownMs = counted.length === 0 ? shareSeconds * 1000 : COUNTED_SOAK_LIMIT_MS;
    const counts = await runFiles([path], ownMs + SOAK_GRACE_MS, {
      ...most,
      FORESIGHT_SOAK_SECONDS: String(shareSeconds),
      FORESIGHT_SOAK_SEED: String(seed),
    });
    say(`== ${path}: ${lineOf(counts)}`);
    sum = addCounts(sum, counts);
  }
  if (sum.failed > 0) say(`soak: run it again with --seed ${seed}`);
  return sum;
}

/** Where the suites keep readings; the tests read it from their environment. */
function placeOf(series: string | undefined): void {
  if (series === undefined) return;
  if (series !== "embedded" && series !== "questdb")
    throw new Error(`--series takes embedded or questdb, not ${series}`);
  process.env.FORESIGHT_TEST_SERIES = series;
}

function positive(name: string, text: string): string {
  if (!/^[1-9][0-9]*$/.test(text)) throw new Error(`--${name} takes a number above 0, not ${text}`);
  return text;
}

const { values, positionals } = parseArgs({
  options: {
    soak: { type: "boolean", default: false },
    series: { type: "string" },
    seconds: { type: "string" },
    seed: { type: "string", default: String(1 + Math.floor(Math.random() * 2 ** 31)) },
    kills: { type: "string" },
    inputs: { type: "string" },
    "series-count": { type: "string" },
  },
  allowPositionals: true,
});
placeOf(values.series);
const named = { kills: values.kills, inputs: values.inputs, series: values["series-count"] };
const isTold = values.seconds !== undefined || Object.values(named).some((n) => n !== undefined);
const todo = Object.fromEntries(
  Object.entries(isTold ? named : DEFAULT_COUNTS)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([of, count]) => [of, positive(of, String(count))]),
);
const seconds = Number(positive("seconds", values.seconds ?? String(DEFAULT_SOAK_SECONDS)));
const counts = values.soak
  ? await runSoak(positionals, { seconds, seed: Number(values.seed), todo })
  : await runAll(positionals);
if (counts.passed + counts.failed === 0) say("no test ran");
say(lineOf(counts));
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
