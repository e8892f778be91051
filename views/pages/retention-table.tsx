import { t } from "../texts/index.ts";
import { Scroll } from "../ui/scroll.tsx";

/** Days of one class and tier. */
export type TierRow = {
  readonly className: string;
  readonly tier: string;
  readonly days: string;
  readonly rows: string;
  readonly size: string;
  readonly reason: string;
};

/** Rows by class and tier; with why they go where they do. */
export function TierTable(props: { label: string; rows: readonly TierRow[]; reasons?: boolean }) {
  const r = t.retention;
  return (
    <Scroll label={props.label}>
      <table class="dense">
        <thead>
          <tr>
            <th>{r.className}</th>
            <th>{r.tier}</th>
            <th>{r.days}</th>
            <th class="num">{r.rowsCount}</th>
            <th class="num">{r.size}</th>
            {props.reasons && <th>{r.reason}</th>}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr>
              <td>{row.className}</td>
              <td class="nw">{row.tier}</td>
              <td class="nw">{row.days}</td>
              <td class="num">{row.rows}</td>
              <td class="num">{row.size}</td>
              {props.reasons && <td>{row.reason}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
