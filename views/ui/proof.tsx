import { t } from "../texts/index.ts";
import { Bar } from "./health.tsx";
import { Scroll } from "./scroll.tsx";

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

/** Ways of watching beside each other, scored the same way. */
export function ProofTable(props: { rows: readonly ProofRow[]; label: string }) {
  return (
    <Scroll label={props.label}>
      <table>
        <thead>
          <tr>
            <th>{t.proof.way}</th>
            <th>{t.proof.found}</th>
            <th class="num">{t.proof.missed}</th>
            <th class="num">{t.proof.notice}</th>
            <th>{t.proof.falseAlarms}</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr aria-selected={row.isOurs ? "true" : undefined}>
              <td>
                <b>{row.name}</b>
                <span class="sub">{row.sub}</span>
              </td>
              <td class="nw">
                <span class="barred">
                  <Bar share={row.foundShare} />
                  {row.found}
                </span>
              </td>
              <td class="num">{row.missed}</td>
              <td class="num">{row.notice}</td>
              <td class="nw">
                <span class="barred">
                  <Bar share={row.falseShare} />
                  {row.falseAlarms}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
