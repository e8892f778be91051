import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Chart } from "../ui/chart.tsx";
import type { ChartProps } from "../ui/chart-model.ts";
import { Empty } from "../ui/empty.tsx";
import { Facts } from "../ui/facts.tsx";
import { FormErrors, Keys, TextField } from "../ui/form.tsx";
import type { Fact, FormState } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";
import type { IngestTabs } from "./ingest.tsx";
import { IngestNav } from "./ingest.tsx";

/** One part of what a source sent. */
export type LedgerPart = {
  readonly label: string;
  readonly count: string;
  readonly why: string;
};

/** The form of the sample rate. */
export type SourceEdit = {
  readonly action: string;
  readonly version: number;
  readonly form: FormState;
};

export type SourceProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly name: string;
  readonly opening: string;
  /** The parts add up to `received`. */
  readonly parts: readonly LedgerPart[];
  readonly received: string;
  readonly facts: readonly Fact[];
  readonly rate: ChartProps | undefined;
  /** Undefined for who may not change it. */
  readonly edit: SourceEdit | undefined;
};

/** One source: the ledger of what it sent, how fast it sends, and since when it is silent. */
export function SourcePage(props: SourceProps) {
  const s = t.source;
  return (
    <Layout
      shell={props.shell}
      title={props.name}
      section="ingest"
      charts={props.rate !== undefined}
    >
      <Head1
        title={props.name}
        sub={props.opening}
        crumbs={<a href={paths.ingest}>{t.ingest.sources}</a>}
      />
      <IngestNav tabs={props.tabs} current="overview" />
      <div class="cols two">
        <Panel id="ledger" title={s.ledger} foot={s.ledgerFoot}>
          <LedgerTable parts={props.parts} received={props.received} />
        </Panel>
        <div class="vstack">
          <Panel id="rate" title={s.rate} aside={<span class="sm muted">{t.ingest.rateSpan}</span>}>
            <div class="pad">
              {props.rate === undefined ? (
                <Empty title={s.noRateTitle} text={s.noRateText} />
              ) : (
                <Chart {...props.rate} small />
              )}
            </div>
          </Panel>
          <Panel id="about" title={s.about}>
            <div class="pad">
              <Facts facts={props.facts} />
              {props.edit !== undefined && <RateForm edit={props.edit} shell={props.shell} />}
            </div>
          </Panel>
        </div>
      </div>
    </Layout>
  );
}

function RateForm({ edit, shell }: { edit: SourceEdit; shell: Shell }) {
  const s = t.source;
  const failed = Object.keys(edit.form.errors).length > 0;
  return (
    <details class="edit" open={failed ? true : undefined}>
      <summary>{s.editSampleRate}</summary>
      <form method="post" action={edit.action}>
        <Keys keys={shell} name="sample-rate" version={edit.version} />
        <FormErrors form={edit.form} labels={{ sample_rate_hz: s.sampleRate }} />
        <TextField
          form={edit.form}
          name="sample_rate_hz"
          label={s.sampleRate}
          hint={s.sampleRateHint}
          inputmode="decimal"
        />
        <div class="row ends">
          <button type="submit" class="btn go">
            {t.acts.save}
          </button>
        </div>
      </form>
    </details>
  );
}

function LedgerTable(props: { parts: readonly LedgerPart[]; received: string }) {
  return (
    <table>
      <thead>
        <tr>
          <th>{t.source.became}</th>
          <th class="num">{t.source.readings}</th>
        </tr>
      </thead>
      <tbody>
        {props.parts.map((part) => (
          <tr>
            <td>
              {part.label}
              <span class="sub">{part.why}</span>
            </td>
            <td class="num">{part.count}</td>
          </tr>
        ))}
        <tr>
          <td>
            <b>{t.source.received}</b>
          </td>
          <td class="num">
            <b>{props.received}</b>
          </td>
        </tr>
      </tbody>
    </table>
  );
}
