/** One step of trust: what it is, and what it stands on or still needs. */
export type LadderStep = {
  readonly label: string;
  readonly detail: string;
  readonly state: "done" | "here" | "next";
};
