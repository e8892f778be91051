/** One way of watching, scored on the part of the history that training did not see. */
export type ProofRow = {
  /** "Foresight", "3-sigma rule", "Best single signal: bearing temperature" */
  readonly name: string;
  readonly sub: string;
  readonly isOurs: boolean;
  /** "11 of 12" and its share, 0 to 1. */
  readonly found: string;
  readonly foundShare: number;
  readonly missed: string;
  /** "9.5 d" */
  readonly notice: string;
  /** "0.026" and a share of the worst, 0 to 1. */
  readonly falseAlarms: string;
  readonly falseShare: number;
};
