import { t } from "../texts/index.ts";

/** One step of trust: what it is, and what it stands on or still needs. */
export type LadderStep = {
  readonly label: string;
  readonly detail: string;
  readonly state: "done" | "here" | "next";
};

/** How far a prediction can be trusted: five steps, the reached one bold. */
export function Ladder(props: { steps: readonly LadderStep[] }) {
  return (
    <ol class="ladder">
      {props.steps.map((step) => (
        <li class={step.state} aria-current={step.state === "here" ? "step" : undefined}>
          {step.label}
          <small>{step.detail}</small>
        </li>
      ))}
    </ol>
  );
}

/** "step 4 of 5" */
export function LadderStand(props: { steps: readonly LadderStep[] }) {
  const here = props.steps.findIndex((step) => step.state === "here");
  if (here < 0) return null;
  return <span class="sm muted">{t.ladder.stand(here + 1, props.steps.length)}</span>;
}
