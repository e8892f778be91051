import type { ProofRow } from "../../views/ui/proof.tsx";
import type { Caller } from "../domain/access.ts";
import type { DemoView, Proof, ProofLine } from "../domain/demo-view.ts";
import type { WebDeps } from "./deps.ts";
import type { Frame } from "./shell.ts";

const SUBS: Readonly<Record<ProofLine["name"], string>> = {
  Foresight: "models, alarms by the same rule as here",
  "3-sigma rule": "any signal beyond three of its own deviations",
  "Best single signal": "for each kind of machine the one that would have done best",
};

/** The demo's proof, for its own tenant; undefined while there is none. */
export function proofOf(
  deps: WebDeps,
  frame: Pick<Frame, "format">,
  caller: Caller,
): { readonly rows: readonly ProofRow[]; readonly sub: string } | undefined {
  const view: DemoView | undefined = deps.demo();
  if (view?.proof === undefined || view.tenantId !== caller.tenantId) return undefined;
  return proofRows(frame, view.proof);
}

/** Rows of the proof table. Pure. */
export function proofRows(frame: Pick<Frame, "format">, proof: Proof) {
  const { format } = frame;
  const worst = Math.max(...proof.lines.map(({ score }) => score.falseAlarmsPerAssetMonth), 1e-9);
  const rows = proof.lines.map(({ name, score }): ProofRow => {
    const { faults, found, missed, medianNoticeDays, falseAlarmsPerAssetMonth } = score;
    return {
      name,
      sub: SUBS[name],
      isOurs: name === "Foresight",
      found: `${found} of ${faults}`,
      foundShare: faults === 0 ? 0 : found / faults,
      missed: String(missed),
      notice: format.value(medianNoticeDays, 1, "d"),
      falseAlarms: format.number(falseAlarmsPerAssetMonth, 3),
      falseShare: falseAlarmsPerAssetMonth / worst,
    };
  });
  return {
    rows,
    sub: `last ${proof.heldOutDays} days of ${proof.assets} assets, which training did not see`,
  };
}
