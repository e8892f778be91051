/** Labels of a series; the metric's name is `__name__`. */
export type Labels = ReadonlyMap<string, string>;

export type Matcher = {
  readonly name: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  readonly value: string;
  readonly matches: (value: string) => boolean;
};

/** When a selector is read: shifted back by `offsetUs`, at a fixed time where `at` is given. */
export type Placed = {
  readonly offsetUs: number;
  readonly at: number | "start" | "end" | undefined;
};

export type Selector = Placed & {
  readonly kind: "selector";
  readonly matchers: readonly Matcher[];
};

export type Grouping = { readonly isWithout: boolean; readonly labels: readonly string[] };

export type Matching = {
  /** True: only `labels` count; false: all but them. */
  readonly isOn: boolean;
  readonly labels: readonly string[];
  /** Which side may have several series for one of the other. */
  readonly many: "left" | "right" | undefined;
  /** Labels taken over from the side of one. */
  readonly include: readonly string[];
};

/** An expression of PromQL. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | Selector
  | { readonly kind: "range"; readonly selector: Selector; readonly rangeUs: number }
  | (Placed & {
      readonly kind: "subquery";
      readonly inner: Expression;
      readonly rangeUs: number;
      /** Undefined: a minute. */
      readonly stepUs: number | undefined;
    })
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: "aggregate";
      readonly name: string;
      readonly grouping: Grouping;
      readonly args: readonly Expression[];
    }
  | {
      readonly kind: "binary";
      readonly op: string;
      readonly isBool: boolean;
      readonly matching: Matching;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "negate"; readonly inner: Expression };

/** What is wrong with a request, by Prometheus' own names. */
export type PromErrorType = "bad_data" | "execution" | "timeout" | "not_found";

/** A query that cannot be answered: `bad_data` is the asker's, `execution` came up while it ran. */
export class PromError extends Error {
  override readonly name = "PromError";
  readonly type: PromErrorType;

  constructor(type: PromErrorType, message: string) {
    super(message);
    this.type = type;
  }
}

export function badData(message: string): PromError {
  return new PromError("bad_data", message);
}

/** The value of a label; "" when it is not there, which is the same to Prometheus. */
export function labelOf(labels: Labels, name: string): string {
  return labels.get(name) ?? "";
}

/** A text that is the same for equal labels only. */
export function signature(labels: Labels): string {
  return JSON.stringify([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Labels without the metric's name. */
export function withoutName(labels: Labels): Labels {
  if (!labels.has("__name__")) return labels;
  const rest = new Map(labels);
  rest.delete("__name__");
  return rest;
}
