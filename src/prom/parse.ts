import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { durationUs, signedDurationUs } from "./durations.ts";
import {
  badData,
  type Expression,
  type Grouping,
  type Matcher,
  type Matching,
  type Selector,
} from "./expression.ts";
import { numberOf, textOf } from "./literals.ts";
import { matcher } from "./matcher.ts";
import { assemble, type Piece } from "./operators.ts";

const QUERY_CHARS = 100_000;

/**
 * Parses PromQL by Prometheus' own grammar.
 * @throws PromError "bad_data" that says what is wrong, and where.
 */
export function parse(query: string): Expression {
  if (query.trim() === "")
    throw badData(
      'invalid parameter "query": unknown position: parse error: no expression found in input',
    );
  if (query.length > QUERY_CHARS)
    throw badData(`the query is longer than ${QUERY_CHARS} characters`);
  const tree = parser.parse(query);
  const cursor = tree.cursor();
  do {
    if (cursor.type.isError) throw parseError(query, cursor.from, "unexpected input");
  } while (cursor.next());
  const [top] = children(tree.topNode);
  if (top === undefined) throw parseError(query, 0, "no expression found in input");
  return new TreeReader(query).whole(top);
}

function parseError(query: string, at: number, what: string): Error {
  const before = query.slice(0, at).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  const near = query.slice(at, at + 20);
  return badData(
    `invalid parameter "query": ${before.length}:${column}: parse error: ${what}${near === "" ? " at the end" : ` near "${near}"`}`,
  );
}

function children(node: SyntaxNode): SyntaxNode[] {
  const all: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (child.name !== "LineComment") all.push(child);
  return all;
}

const NO_GROUPING: Grouping = { isWithout: false, labels: [] };
const NO_MATCHING: Matching = { isOn: false, labels: [], many: undefined, include: [] };

class TreeReader {
  private readonly query: string;

  constructor(query: string) {
    this.query = query;
  }

  /** An expression as it stands in the text, its operators put together anew. */
  whole(node: SyntaxNode): Expression {
    return assemble(this.pieces(node));
  }

  private pieces(node: SyntaxNode): Piece[] {
    const parts = children(node);
    const first = () => this.must(parts[0], node);
    switch (node.name) {
      case "BinaryExpr":
        return [
          ...this.pieces(first()),
          this.operator(parts, node),
          ...this.pieces(this.must(parts.at(-1), node)),
        ];
      case "UnaryExpr": {
        const sign = { kind: "sign", isMinus: this.text(first()) === "-" } as const;
        return [sign, ...this.pieces(this.must(parts[1], node))];
      }
      case "MatrixSelector":
      case "SubqueryExpr":
      case "OffsetExpr":
      case "StepInvariantExpr":
        return [
          ...this.pieces(first()),
          { kind: "postfix", apply: (inner) => this.postfix(node, parts, inner) },
        ];
      default:
        return [{ kind: "operand", value: this.operand(node) }];
    }
  }

  private operand(node: SyntaxNode): Expression {
    const parts = children(node);
    switch (node.name) {
      case "NumberDurationLiteral":
        return { kind: "number", value: numberOf(this.text(node)) };
      case "StringLiteral":
        return { kind: "text", value: textOf(this.text(node)) };
      case "ParenExpr":
        return this.whole(this.must(parts[0], node));
      case "VectorSelector":
        return this.selector(node);
      case "FunctionCall":
        return {
          kind: "call",
          name: this.text(this.must(parts[0], node)).toLowerCase(),
          args: children(this.must(parts[1], node)).map((arg) => this.whole(arg)),
        };
      case "AggregateExpr":
        return this.aggregate(parts, node);
      default:
        throw parseError(this.query, node.from, `${node.name} is not supported`);
    }
  }

  private postfix(node: SyntaxNode, parts: readonly SyntaxNode[], inner: Expression): Expression {
    switch (node.name) {
      case "MatrixSelector": {
        if (inner.kind !== "selector")
          throw parseError(this.query, node.from, "ranges only allowed for vector selectors");
        return { kind: "range", selector: inner, rangeUs: this.length(this.must(parts[1], node)) };
      }
      case "SubqueryExpr": {
        const step = parts[2] === undefined ? undefined : this.length(parts[2]);
        const rangeUs = this.length(this.must(parts[1], node));
        return { kind: "subquery", inner, rangeUs, stepUs: step, offsetUs: 0, at: undefined };
      }
      case "OffsetExpr":
        return this.placed(node, inner, { offsetUs: signedDurationUs(this.offset(parts)) });
      default:
        return this.placed(node, inner, { at: this.fixedTime(this.must(parts.at(-1), node)) });
    }
  }

  private text(node: SyntaxNode): string {
    return this.query.slice(node.from, node.to);
  }

  private must(node: SyntaxNode | undefined, parent: SyntaxNode): SyntaxNode {
    if (node === undefined) throw parseError(this.query, parent.from, "incomplete expression");
    return node;
  }

  private selector(node: SyntaxNode): Selector {
    const matchers: Matcher[] = [];
    for (const part of children(node)) {
      if (part.name === "Identifier") matchers.push(matcher("__name__", "=", this.text(part)));
      else for (const one of children(part)) matchers.push(this.matcherOf(one));
    }
    if (!matchers.some(({ matches }) => !matches("")))
      throw parseError(
        this.query,
        node.from,
        "vector selector must contain at least one non-empty matcher",
      );
    return { kind: "selector", matchers, offsetUs: 0, at: undefined };
  }

  private matcherOf(node: SyntaxNode): Matcher {
    const [name, op, value] = children(node);
    // {"a metric"} names the metric.
    if (op === undefined || value === undefined)
      return matcher("__name__", "=", textOf(this.text(node)));
    const named = this.text(this.must(name, node));
    const label = name?.name === "QuotedLabelName" ? textOf(named) : named;
    return matcher(label, this.text(op), textOf(this.text(value)));
  }

  private length(node: SyntaxNode): number {
    const length = durationUs(this.text(node));
    if (length === undefined) throw parseError(this.query, node.from, "not a valid duration");
    if (length <= 0) throw parseError(this.query, node.from, "duration must be greater than 0");
    return length;
  }

  private offset(parts: readonly SyntaxNode[]): string {
    const last = parts.at(-1);
    return last === undefined ? "" : this.text(last).replace(/\s+/g, "");
  }

  private fixedTime(node: SyntaxNode): number | "start" | "end" {
    const text = this.text(node).replace(/\s+/g, "");
    if (text === "start" || text === "end") return text;
    const seconds = Number(text);
    if (Number.isFinite(seconds)) return Math.round(seconds * 1e6);
    throw parseError(this.query, node.from, "not a valid time");
  }

  private placed(
    node: SyntaxNode,
    inner: Expression,
    place: { offsetUs?: number; at?: number | "start" | "end" },
  ): Expression {
    if (inner.kind === "selector" || inner.kind === "subquery") return { ...inner, ...place };
    if (inner.kind === "range") return { ...inner, selector: { ...inner.selector, ...place } };
    throw parseError(
      this.query,
      node.from,
      "offset and @ must be preceded by a selector or a subquery",
    );
  }

  private labels(node: SyntaxNode | undefined): string[] {
    return node === undefined
      ? []
      : children(node).map((label) =>
          label.name === "QuotedLabelName" ? textOf(this.text(label)) : this.text(label),
        );
  }

  private aggregate(parts: readonly SyntaxNode[], node: SyntaxNode): Expression {
    const op = this.must(parts[0], node);
    const body = parts.find(({ name }) => name === "FunctionCallBody");
    const modifier = parts.find(({ name }) => name === "AggregateModifier");
    const [way, labels] = modifier === undefined ? [] : children(modifier);
    const grouping =
      way === undefined
        ? NO_GROUPING
        : { isWithout: way.name === "Without", labels: this.labels(labels) };
    return {
      kind: "aggregate",
      name: this.text(op).toLowerCase(),
      grouping,
      args: children(this.must(body, node)).map((arg) => this.whole(arg)),
    };
  }

  private operator(parts: readonly SyntaxNode[], node: SyntaxNode): Piece {
    const op = this.text(this.must(parts[1], node)).toLowerCase();
    const modifiers = parts.slice(2, -1);
    const clause = modifiers.find(({ name }) => name === "MatchingModifierClause");
    return {
      kind: "operator",
      op,
      isBool: modifiers.some(({ name }) => name === "BoolModifier"),
      matching: clause === undefined ? NO_MATCHING : this.matching(children(clause)),
    };
  }

  private matching(parts: readonly SyntaxNode[]): Matching {
    const group = parts.findIndex(({ name }) => name === "GroupLeft" || name === "GroupRight");
    const many = parts[group]?.name;
    return {
      isOn: parts[0]?.name === "On",
      labels: this.labels(parts[1]?.name === "GroupingLabels" ? parts[1] : undefined),
      many: many === undefined ? undefined : many === "GroupLeft" ? "left" : "right",
      include: group < 0 ? [] : this.labels(parts[group + 1]),
    };
  }
}
