import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { ActButton } from "../ui/form.tsx";
import type { Instant } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Panel } from "../ui/panel.tsx";
import type { ProofRow } from "../ui/proof.tsx";
import { ProofTable } from "../ui/proof.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { Time } from "../ui/time.tsx";

export type ModelRow = {
  readonly id: string;
  /** "pump, days left" */
  readonly title: string;
  readonly sub: string;
  readonly stage: "champion" | "challenger" | "retired";
  readonly error: string;
  readonly coverage: string;
  readonly failures: string;
  readonly trained: Instant;
};

export type ModelsProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly sub: string;
  readonly models: readonly ModelRow[];
  readonly proof: { readonly rows: readonly ProofRow[]; readonly sub: string } | undefined;
  /** What is missing before a model can be trained. */
  readonly missing: string | undefined;
  readonly trainJobId: string | undefined;
  readonly mayRun: boolean;
};

/** Every model in plant measures, and how watching by it compares with simpler ways. */
export function ModelsPage(props: ModelsProps) {
  const m = t.models;
  return (
    <Layout shell={props.shell} title={t.nav.models} section="models">
      <Head1 title={props.opening} sub={props.sub}>
        {props.mayRun && props.trainJobId !== undefined && (
          <ActButton action={paths.jobRuns(props.trainJobId)} keys={props.shell} name="train">
            {m.train}
          </ActButton>
        )}
      </Head1>
      {props.missing !== undefined && <Note level="warning">{props.missing}</Note>}
      <div class="vstack">
        {props.proof !== undefined && (
          <Panel
            id="proof"
            title={t.proof.title}
            aside={<span class="sm muted">{props.proof.sub}</span>}
          >
            <ProofTable rows={props.proof.rows} label={t.proof.title} />
          </Panel>
        )}
        <Panel id="models" title={m.list}>
          {props.models.length === 0 ? (
            <Empty title={m.emptyTitle} text={m.emptyText} />
          ) : (
            <Scroll label={m.list}>
              <table>
                <thead>
                  <tr>
                    <th>{m.model}</th>
                    <th>{m.stageWord}</th>
                    <th class="num">{m.error}</th>
                    <th class="num">{m.coverage}</th>
                    <th class="num">{m.failures}</th>
                    <th class="num">{m.trained}</th>
                  </tr>
                </thead>
                <tbody>
                  {props.models.map((model) => (
                    <tr id={`model-${model.id}`} data-row>
                      <td>
                        <a class="plain" href={paths.model(model.id)}>
                          <b>{model.title}</b>
                        </a>
                        <span class="sub">{model.sub}</span>
                      </td>
                      <td>
                        <span class="chip">{m.stage[model.stage]}</span>
                      </td>
                      <td class="num">{model.error}</td>
                      <td class="num">{model.coverage}</td>
                      <td class="num">{model.failures}</td>
                      <td class="num">
                        <Time at={model.trained} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          )}
        </Panel>
      </div>
    </Layout>
  );
}
