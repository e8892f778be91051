/** A regular expression as a tree. */
export type RegexNode =
  | { readonly kind: "set"; readonly matches: (point: number) => boolean }
  | { readonly kind: "sequence"; readonly parts: readonly RegexNode[] }
  | { readonly kind: "either"; readonly branches: readonly RegexNode[] }
  | { readonly kind: "group"; readonly number: number; readonly inner: RegexNode }
  | {
      readonly kind: "repeat";
      readonly inner: RegexNode;
      readonly least: number;
      /** Undefined: without end. */
      readonly most: number | undefined;
      readonly isLazy: boolean;
    }
  | { readonly kind: "start" }
  | { readonly kind: "end" };

export type ParsedRegex = {
  readonly node: RegexNode;
  readonly names: ReadonlyMap<string, number>;
  /** With group 0, the whole. */
  readonly groups: number;
};

type Matches = (point: number) => boolean;

/** RE2's own bound on counted repetition. */
const REPEAT_MOST = 1_000;
const DEPTH_MOST = 100;

const within =
  (...ranges: readonly string[]): Matches =>
  (point) =>
    ranges.some(
      (range) => point >= range.charCodeAt(0) && point <= range.charCodeAt(range.length - 1),
    );
const isDigit = within("09");
const isWord = within("09", "AZ", "az", "_");
const isSpace = within("\t", "\n", "\f", "\r", " ");
const not =
  (matches: Matches): Matches =>
  (point) =>
    !matches(point);

const CLASSES: Readonly<Record<string, Matches>> = {
  ...{ d: isDigit, w: isWord, s: isSpace },
  ...{ D: not(isDigit), W: not(isWord), S: not(isSpace) },
};
const NAMED: Readonly<Record<string, Matches>> = {
  ...{ digit: isDigit, word: isWord, space: isSpace, alpha: within("AZ", "az") },
  ...{ alnum: within("09", "AZ", "az"), lower: within("az"), upper: within("AZ") },
  ...{ punct: within("!/", ":@", "[`", "{~"), xdigit: within("09", "AF", "af") },
};
const CONTROLS: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, f: 12, v: 11, a: 7 };

/**
 * Parses RE2's syntax but for Unicode classes, \b and flags other than i and s.
 * @throws Error in words for anything else.
 */
export function parseRegex(pattern: string): ParsedRegex {
  const reader = new RegexReader(Array.from(pattern));
  const node = reader.either();
  if (!reader.isAtEnd()) throw new Error("unexpected ) in the expression");
  return { node, names: reader.names, groups: reader.groups };
}

class RegexReader {
  readonly names = new Map<string, number>();
  groups = 1;
  private at = 0;
  private depth = 0;
  private ignoresCase = false;

  private readonly text: readonly string[];

  constructor(text: readonly string[]) {
    this.text = text;
  }

  isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  either(): RegexNode {
    if (++this.depth > DEPTH_MOST) throw new Error("the expression is nested too deeply");
    const branches = [this.sequence()];
    while (this.takes("|")) branches.push(this.sequence());
    this.depth--;
    return branches.length === 1 && branches[0] !== undefined
      ? branches[0]
      : { kind: "either", branches };
  }

  private sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (!this.isAtEnd() && this.peek() !== "|" && this.peek() !== ")")
      parts.push(this.repeats(this.atom()));
    return { kind: "sequence", parts };
  }

  private peek(): string | undefined {
    return this.text[this.at];
  }

  private takes(text: string): boolean {
    const isThere = this.text.slice(this.at, this.at + text.length).join("") === text;
    if (isThere) this.at += text.length;
    return isThere;
  }

  private next(): string {
    const char = this.text[this.at++];
    if (char === undefined) throw new Error("the expression ends too early");
    return char;
  }

  private repeats(inner: RegexNode): RegexNode {
    const counts = this.counts();
    if (counts === undefined) return inner;
    const [least, most] = counts;
    const isLazy = this.takes("?");
    if (this.counts() !== undefined) throw new Error("a repetition of a repetition");
    return { kind: "repeat", inner, least, most, isLazy };
  }

  private counts(): readonly [number, number | undefined] | undefined {
    if (this.takes("*")) return [0, undefined];
    if (this.takes("+")) return [1, undefined];
    if (this.takes("?")) return [0, 1];
    const rest = this.text.slice(this.at, this.at + 12).join("");
    const found = /^\{(\d{1,4})(?:(,)(\d{0,4}))?\}/.exec(rest);
    if (found === null) return undefined;
    const [whole, low = "", comma, high = ""] = found;
    this.at += whole.length;
    const least = Number(low);
    const most = comma === undefined ? least : high === "" ? undefined : Number(high);
    if (Math.max(least, most ?? 0) > REPEAT_MOST || (most ?? least) < least)
      throw new Error(`the repetition ${whole} is not valid`);
    return [least, most];
  }

  private atom(): RegexNode {
    const char = this.next();
    switch (char) {
      case "(":
        return this.group();
      case "[":
        return { kind: "set", matches: this.folded(this.charClass()) };
      case ".":
        return { kind: "set", matches: () => true };
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case "*":
      case "+":
      case "?":
        throw new Error(`there is nothing before ${char} to repeat`);
      case "\\":
        return this.escaped();
      default:
        return this.literal(char.codePointAt(0) ?? 0);
    }
  }

  private literal(point: number): RegexNode {
    return { kind: "set", matches: this.folded((other) => other === point) };
  }

  /** A set as it matches under the flag i. */
  private folded(matches: Matches): Matches {
    if (!this.ignoresCase) return matches;
    return (point) => {
      const char = String.fromCodePoint(point);
      return [char.toLowerCase(), char.toUpperCase()].some((one) =>
        matches(one.codePointAt(0) ?? 0),
      );
    };
  }

  private group(): RegexNode {
    const before = this.ignoresCase;
    let number: number | undefined;
    if (this.takes("?")) {
      const name = this.groupName();
      if (name !== undefined) {
        number = this.groups++;
        this.names.set(name, number);
      } else if (this.flags()) return { kind: "sequence", parts: [] };
    } else number = this.groups++;
    const inner = this.either();
    if (!this.takes(")")) throw new Error("a group is not closed");
    this.ignoresCase = before;
    return number === undefined ? inner : { kind: "group", number, inner };
  }

  private groupName(): string | undefined {
    if (!this.takes("P<") && !this.takes("<")) return undefined;
    let name = "";
    for (let char = this.next(); char !== ">"; char = this.next()) name += char;
    if (!/^\w+$/.test(name)) throw new Error(`the group name ${name} is not valid`);
    return name;
  }

  /** Reads flags; true when the group ends with them and they hold for what follows. */
  private flags(): boolean {
    for (let isOn = true; ; ) {
      const char = this.next();
      if (char === ":") return false;
      if (char === ")") return true;
      if (char === "-") isOn = false;
      else if (char === "i") this.ignoresCase = isOn;
      else if (char !== "s") throw new Error(`(?${char} is not supported`);
    }
  }

  private escaped(): RegexNode {
    const char = this.next();
    const known = CLASSES[char];
    if (known) return { kind: "set", matches: known };
    if (char === "A") return { kind: "start" };
    if (char === "z") return { kind: "end" };
    return this.literal(this.escapedPoint(char));
  }

  private escapedPoint(char: string): number {
    const control = CONTROLS[char];
    if (control !== undefined) return control;
    if (char === "x") {
      const digits = this.takes("{") ? this.upTo("}") : `${this.next()}${this.next()}`;
      if (!/^[0-9a-fA-F]{1,6}$/.test(digits)) throw new Error(`\\x${digits} is not a character`);
      return Number.parseInt(digits, 16);
    }
    if (/[A-Za-z0-9]/.test(char)) throw new Error(`\\${char} is not supported`);
    return char.codePointAt(0) ?? 0;
  }

  private upTo(end: string): string {
    let text = "";
    for (let char = this.next(); char !== end; char = this.next()) text += char;
    return text;
  }

  private charClass(): Matches {
    const isNegated = this.takes("^");
    const sets: Matches[] = [];
    for (let isFirst = true; isFirst || this.peek() !== "]"; isFirst = false) {
      if (this.takes("[:")) {
        const name = this.upTo(":");
        const named = NAMED[name.replace("^", "")];
        if (named === undefined || !this.takes("]")) throw new Error(`[:${name}:] is not a class`);
        sets.push(name.startsWith("^") ? not(named) : named);
      } else sets.push(this.classPart());
    }
    this.next();
    const matches: Matches = (point) => sets.some((set) => set(point));
    return isNegated ? not(matches) : matches;
  }

  private classPart(): Matches {
    const low = this.classPoint();
    if (typeof low === "function") return low;
    const isRange = this.peek() === "-" && this.text[this.at + 1] !== "]";
    if (!isRange) return (point) => point === low;
    this.next();
    const high = this.classPoint();
    if (typeof high === "function" || high < low) throw new Error("a range in [] is not valid");
    return (point) => point >= low && point <= high;
  }

  private classPoint(): number | Matches {
    const char = this.next();
    if (char !== "\\") return char.codePointAt(0) ?? 0;
    const escaped = this.next();
    return CLASSES[escaped] ?? this.escapedPoint(escaped);
  }
}
