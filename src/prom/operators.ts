import { badData, type Expression, type Matching } from "./expression.ts";

/** A piece of an expression without parentheses, in the order of the text. */
export type Piece =
  | { readonly kind: "operand"; readonly value: Expression }
  | { readonly kind: "sign"; readonly isMinus: boolean }
  /** [5m], offset, @: binds to the operand before it. */
  | { readonly kind: "postfix"; readonly apply: (inner: Expression) => Expression }
  | {
      readonly kind: "operator";
      readonly op: string;
      readonly isBool: boolean;
      readonly matching: Matching;
    };

const POWER = 6;
const PRECEDENCE: Readonly<Record<string, number>> = {
  ...{ or: 1, and: 2, unless: 2 },
  ...{ "==": 3, "!=": 3, "<=": 3, "<": 3, ">=": 3, ">": 3 },
  ...{ "+": 4, "-": 4, "*": 5, "/": 5, "%": 5, atan2: 5, "^": POWER },
};

/**
 * Puts pieces together by Prometheus' precedence. The grammar's own trees cannot be used for it: it is made
 * for an editor and lets `a + b offset 5m` shift the sum.
 * @throws PromError "bad_data".
 */
export function assemble(pieces: readonly Piece[]): Expression {
  let at = 0;

  function operand(): Expression {
    const piece = pieces[at++];
    if (piece?.kind === "sign") {
      // A sign binds less than ^ and more than *.
      const inner = climb(POWER);
      return piece.isMinus ? { kind: "negate", inner } : inner;
    }
    if (piece?.kind !== "operand") throw badData("parse error: an operand is missing");
    let value = piece.value;
    for (let next = pieces[at]; next?.kind === "postfix"; next = pieces[++at])
      value = next.apply(value);
    return value;
  }

  function climb(least: number): Expression {
    let left = operand();
    for (let next = pieces[at]; next !== undefined; next = pieces[at]) {
      if (next.kind !== "operator") throw badData("parse error: an operator is missing");
      const precedence = PRECEDENCE[next.op];
      if (precedence === undefined) throw badData(`operator ${next.op} is not supported`);
      if (precedence < least) break;
      at++;
      const { op, isBool, matching } = next;
      // ^ alone groups from the right.
      const right = climb(precedence === POWER ? POWER : precedence + 1);
      left = { kind: "binary", op, isBool, matching, left, right };
    }
    return left;
  }

  return climb(0);
}
