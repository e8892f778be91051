import { parseRegex, type RegexNode } from "./regex-syntax.ts";

/** What one state of the machine does. */
type Instruction =
  | { readonly op: "set"; readonly matches: (point: number) => boolean }
  | { readonly op: "split"; first: number; second: number }
  | { readonly op: "jump"; to: number }
  | { readonly op: "save"; readonly slot: number }
  | { readonly op: "start" }
  | { readonly op: "end" }
  | { readonly op: "match" };

/** Start and end of a group in code points, or undefined where it took no part. */
export type Groups = readonly (string | undefined)[];

export type LinearRegex = {
  /** The whole text must match; its groups, of which the first is the text itself. */
  match(text: string): Groups | undefined;
  /** Names of the groups by number. */
  readonly names: ReadonlyMap<string, number>;
};

/** States of the machine; `{n,m}` multiplies what it repeats. */
const INSTRUCTIONS_MOST = 5_000;

/**
 * Compiles a regular expression of RE2's syntax into a machine that reads the text once, whatever the
 * expression: no input makes it slow, as it can make a backtracking one. Anchored at both ends; `.` takes
 * newlines. (R. Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009.)
 * @throws Error in words for what is not syntax, or is too large.
 */
export function compileRegex(pattern: string): LinearRegex {
  const { node, names, groups } = parseRegex(pattern);
  const program: Instruction[] = [];
  emit(program, node);
  program.push({ op: "match" });
  return { names, match: (text) => run(program, Array.from(text), groups) };
}

function add(program: Instruction[], instruction: Instruction): void {
  if (program.length >= INSTRUCTIONS_MOST) throw new Error("the expression is too large");
  program.push(instruction);
}

function emit(program: Instruction[], node: RegexNode): void {
  switch (node.kind) {
    case "set":
      add(program, { op: "set", matches: node.matches });
      break;
    case "start":
    case "end":
      add(program, { op: node.kind });
      break;
    case "sequence":
      for (const part of node.parts) emit(program, part);
      break;
    case "group":
      add(program, { op: "save", slot: node.number * 2 });
      emit(program, node.inner);
      add(program, { op: "save", slot: node.number * 2 + 1 });
      break;
    case "either":
      emitEither(program, node.branches);
      break;
    case "repeat":
      emitRepeat(program, node);
  }
}

function emitEither(program: Instruction[], branches: readonly RegexNode[]): void {
  const jumps: { to: number }[] = [];
  branches.forEach((branch, index) => {
    if (index === branches.length - 1) {
      emit(program, branch);
      return;
    }
    const split = { op: "split" as const, first: program.length + 1, second: 0 };
    add(program, split);
    emit(program, branch);
    const jump = { op: "jump" as const, to: 0 };
    add(program, jump);
    jumps.push(jump);
    split.second = program.length;
  });
  for (const jump of jumps) jump.to = program.length;
}

function emitRepeat(
  program: Instruction[],
  { inner, least, most, isLazy }: Extract<RegexNode, { kind: "repeat" }>,
): void {
  for (let i = 0; i < least; i++) emit(program, inner);
  const open = () => {
    const at = program.length;
    const split = { op: "split" as const, first: at + 1, second: at + 1 };
    add(program, split);
    return (after: number) => {
      if (isLazy) split.first = after;
      else split.second = after;
    };
  };
  if (most === undefined) {
    const at = program.length;
    const close = open();
    emit(program, inner);
    add(program, { op: "jump", to: at });
    close(program.length);
    return;
  }
  const closes: ((after: number) => void)[] = [];
  for (let i = least; i < most; i++) {
    closes.push(open());
    emit(program, inner);
  }
  for (const close of closes) close(program.length);
}

type Thread = { readonly at: number; readonly saved: readonly (number | undefined)[] };

/** Follows everything that reads nothing from a state, in order of preference. */
function follow(
  program: readonly Instruction[],
  threads: Thread[],
  seen: Set<number>,
  start: Thread,
  place: { readonly position: number; readonly length: number },
): void {
  const stack = [start];
  for (let thread = stack.pop(); thread !== undefined; thread = stack.pop()) {
    const { at, saved } = thread;
    const instruction = program[at];
    if (instruction === undefined || seen.has(at)) continue;
    seen.add(at);
    switch (instruction.op) {
      case "jump":
        stack.push({ at: instruction.to, saved });
        break;
      case "split":
        stack.push({ at: instruction.second, saved }, { at: instruction.first, saved });
        break;
      case "save":
        stack.push({ at: at + 1, saved: saved.with(instruction.slot, place.position) });
        break;
      case "start":
        if (place.position === 0) stack.push({ at: at + 1, saved });
        break;
      case "end":
        if (place.position === place.length) stack.push({ at: at + 1, saved });
        break;
      default:
        threads.push(thread);
    }
  }
}

function run(
  program: readonly Instruction[],
  text: readonly string[],
  groups: number,
): Groups | undefined {
  const none: (number | undefined)[] = Array(groups * 2).fill(undefined);
  let threads: Thread[] = [];
  const { length } = text;
  follow(program, threads, new Set(), { at: 0, saved: none }, { position: 0, length });
  for (let position = 0; position < length && threads.length > 0; position++) {
    const point = text[position]?.codePointAt(0) ?? 0;
    const next: Thread[] = [];
    const seen = new Set<number>();
    for (const { at, saved } of threads) {
      const instruction = program[at];
      if (instruction?.op === "set" && instruction.matches(point))
        follow(program, next, seen, { at: at + 1, saved }, { position: position + 1, length });
    }
    threads = next;
  }
  const matched = threads.find(({ at }) => program[at]?.op === "match");
  if (matched === undefined) return undefined;
  return Array.from({ length: groups }, (_, group) => {
    if (group === 0) return text.join("");
    const [from, to] = [matched.saved[group * 2], matched.saved[group * 2 + 1]];
    return from === undefined || to === undefined ? undefined : text.slice(from, to).join("");
  });
}
