import type { ReadableTree } from "../../src/domain/model.ts";
import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { Facts } from "../ui/facts.tsx";
import { ActButton } from "../ui/form.tsx";
import { Bar } from "../ui/health.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Fact } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";
import type { ProofRow } from "../ui/proof.tsx";
import { ProofTable } from "../ui/proof.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { SeverityGlyph } from "../ui/severity.tsx";
import { Stats } from "../ui/stat.tsx";
import { SurrogateTree } from "../ui/surrogate-tree.tsx";

export type Candidate = {
  readonly name: string;
  readonly sub: string;
  readonly role: "champion" | "challenger" | "yardstick";
  /** "1.9 d" and its share of the worst, 0 to 1. */
  readonly error: string;
  readonly errorShare: number;
  readonly late: string;
  readonly chanceQuality: string;
};

export type ModelPageProps = {
  readonly shell: Shell;
  readonly id: string;
  readonly title: string;
  readonly sub: string;
  /** At most four. */
  readonly stats: readonly {
    readonly label: string;
    readonly value: string;
    readonly unit: string;
    readonly why: string;
  }[];
  readonly candidates: readonly Candidate[];
  readonly candidatesSub: string;
  readonly importance: readonly {
    readonly name: string;
    readonly percent: string;
    readonly share: number;
  }[];
  /** The surrogate, with its unit for leaves ("d"). */
  readonly tree: ReadableTree | undefined;
  /** Leaf values and thresholds as text are made by this factor: steps to shown unit. */
  readonly treeScale: number;
  readonly treeUnit: string;
  readonly treeNote: string;
  readonly guards: readonly { readonly ok: boolean; readonly text: string; readonly sub: string }[];
  readonly facts: readonly Fact[];
  readonly proof: { readonly rows: readonly ProofRow[]; readonly sub: string } | undefined;
  readonly trainJobId: string | undefined;
  readonly mayRun: boolean;
};

/** One model: its mistakes in plant measures, its rivals, what it looks at, and its card. */
export function ModelPage(props: ModelPageProps) {
  const m = t.models;
  return (
    <Layout shell={props.shell} title={props.title} section="models">
      <Head1 title={props.title} sub={props.sub} crumbs={<a href={paths.models}>{t.nav.models}</a>}>
        {props.mayRun && props.trainJobId !== undefined && (
          <ActButton action={paths.jobRuns(props.trainJobId)} keys={props.shell} name="train">
            {m.train}
          </ActButton>
        )}
      </Head1>
      <div class="vstack">
        <Stats stats={props.stats} />
        <div class="cols side-r">
          <div class="vstack">
            <Candidates {...props} />
            {props.proof !== undefined && (
              <Panel
                id="proof"
                title={t.proof.title}
                aside={<span class="sm muted">{props.proof.sub}</span>}
              >
                <ProofTable rows={props.proof.rows} label={t.proof.title} />
              </Panel>
            )}
            <Importance {...props} />
            {props.tree !== undefined && (
              <Panel id="questions" title={m.tree} foot={props.treeNote}>
                <div class="pad">
                  <SurrogateTree tree={props.tree} scale={props.treeScale} unit={props.treeUnit} />
                </div>
              </Panel>
            )}
          </div>
          <aside class="vstack" aria-label={m.card}>
            <Panel id="guards" title={m.guards}>
              <ul class="lines">
                {props.guards.map((guard) => (
                  <li>
                    {guard.ok ? <Icon name="check" /> : <SeverityGlyph severity="warning" />}
                    <span>
                      {guard.text}
                      <span class="sub">{guard.sub}</span>
                    </span>
                  </li>
                ))}
              </ul>
            </Panel>
            <Panel id="card" title={m.card}>
              <div class="pad">
                <Facts facts={props.facts} />
              </div>
            </Panel>
          </aside>
        </div>
      </div>
    </Layout>
  );
}

function Candidates(props: ModelPageProps) {
  const m = t.models;
  return (
    <Panel
      id="candidates"
      title={m.candidates}
      aside={<span class="sm muted desk">{props.candidatesSub}</span>}
    >
      <Scroll label={m.candidates}>
        <table>
          <thead>
            <tr>
              <th>{m.model}</th>
              <th>{m.error}</th>
              <th class="num">{m.late}</th>
              <th class="num">{m.chanceQuality}</th>
            </tr>
          </thead>
          <tbody>
            {props.candidates.map((candidate) => (
              <tr aria-selected={candidate.role === "champion" ? "true" : undefined}>
                <td>
                  <b>{candidate.name}</b> <span class="chip">{m.role[candidate.role]}</span>
                  <span class="sub">{candidate.sub}</span>
                </td>
                <td class="nw">
                  <span class="barred">
                    <Bar share={candidate.errorShare} />
                    {candidate.error}
                  </span>
                </td>
                <td class="num">{candidate.late}</td>
                <td class="num">{candidate.chanceQuality}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}

function Importance(props: ModelPageProps) {
  const m = t.models;
  return (
    <Panel id="importance" title={m.importance} aside={<span class="sm muted">{m.shares}</span>}>
      {props.importance.length === 0 ? (
        <Empty title={m.noImportanceTitle} text={m.noImportanceText} />
      ) : (
        <table>
          <tbody>
            {props.importance.map((feature) => (
              <tr>
                <td>{feature.name}</td>
                <td class="tight">
                  <span class="barred">
                    <Bar share={feature.share} />
                    {feature.percent}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
