/** A source text with parts replaced by spaces, so that lines and columns stay where they were. */
export type Blanked = {
  /** Comments are spaces. */
  readonly withoutComments: string;
  /** Comments and what stands in quotes are spaces. */
  readonly codeOnly: string;
};

const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|of|in))\s*$/;

function endOfQuoted(text: string, start: number): number {
  const quote = text[start];
  let at = start + 1;
  while (at < text.length && text[at] !== quote && text[at] !== "\n")
    at += text[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function endOfRegex(text: string, start: number): number {
  let inClass = false;
  let at = start + 1;
  for (; at < text.length && text[at] !== "\n"; at++) {
    const char = text[at];
    if (char === "\\") at++;
    else if (char === "[") inClass = true;
    else if (char === "]") inClass = false;
    else if (char === "/" && !inClass) break;
  }
  return Math.min(at + 1, text.length);
}

type Span = { readonly from: number; readonly to: number; readonly kind: "comment" | "quoted" };

/** Comments and quoted parts, in order. Code inside a template's `${}` belongs to no span. */
function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  const templates: number[] = []; // depth of braces at which each open template goes on
  let depth = 0;
  let at = 0;
  const push = (to: number, kind: Span["kind"]) => {
    spans.push({ from: at, to, kind });
    at = to;
  };
  const template = () => {
    let end = at + 1;
    while (end < text.length && text[end] !== "`" && !text.startsWith("${", end))
      end += text[end] === "\\" ? 2 : 1;
    if (text[end] === "$") {
      templates.push(depth++);
      push(end + 2, "quoted");
    } else push(Math.min(end + 1, text.length), "quoted");
  };
  while (at < text.length) {
    const char = text[at];
    const next = text[at + 1];
    if (char === "/" && next === "/") {
      const end = text.indexOf("\n", at);
      push(end < 0 ? text.length : end, "comment");
    } else if (char === "/" && next === "*") {
      const end = text.indexOf("*/", at + 2);
      push(end < 0 ? text.length : end + 2, "comment");
    } else if (char === '"' || char === "'") push(endOfQuoted(text, at), "quoted");
    else if (char === "`") template();
    else if (char === "/" && BEFORE_REGEX.test(text.slice(Math.max(0, at - 40), at)))
      push(endOfRegex(text, at), "quoted");
    else {
      if (char === "{") depth++;
      if (char === "}" && --depth === templates.at(-1)) {
        templates.pop();
        template();
      } else at++;
    }
  }
  return spans;
}

/** Blanks comments, and comments with quoted text. A heuristic without a parser: good enough for rules. */
export function blank(text: string): Blanked {
  const spans = spansOf(text);
  const without = (kinds: readonly Span["kind"][]) => {
    let out = "";
    let last = 0;
    for (const span of spans) {
      if (!kinds.includes(span.kind)) continue;
      out += text.slice(last, span.from);
      out += text.slice(span.from, span.to).replace(/[^\n]/g, " ");
      last = span.to;
    }
    return out + text.slice(last);
  };
  return { withoutComments: without(["comment"]), codeOnly: without(["comment", "quoted"]) };
}
