/** The part of the package that is used; it ships no types. */
declare module "ml-cart" {
  type Node = {
    readonly splitColumn?: number;
    readonly splitValue?: number;
    readonly left?: Node;
    readonly right?: Node;
    readonly distribution?: number;
  };
  export class DecisionTreeRegression {
    constructor(options: {
      gainFunction: "regression";
      splitFunction: "mean";
      minNumSamples: number;
      maxDepth: number;
    });
    train(inputs: number[][], answers: number[]): void;
    toJSON(): { readonly root: Node };
  }
}
