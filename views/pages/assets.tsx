import { Head1, Layout } from "../layout.tsx";
import { paths, withQuery } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import type { TreeNode } from "../ui/asset-tree.tsx";
import { AssetTree } from "../ui/asset-tree.tsx";
import { Empty } from "../ui/empty.tsx";
import { FilterChip, FilterSelect, Filters, FilterText } from "../ui/filters.tsx";
import { HealthBar } from "../ui/health.tsx";
import { Known } from "../ui/known.tsx";
import type {
  AssetRef,
  AssetState,
  Health,
  Option,
  Paging as PagingProps,
  Spark,
  StateMark,
} from "../ui/model.ts";
import { ASSET_STATES } from "../ui/model.ts";
import { Paging } from "../ui/paging.tsx";
import { Panel } from "../ui/panel.tsx";
import { Sparkline } from "../ui/spark.tsx";
import { StateGlyph } from "../ui/status-badge.tsx";

export type AssetRow = {
  readonly asset: AssetRef;
  readonly typeName: string;
  readonly mark: StateMark;
  readonly health: Health;
  readonly chance: string | undefined;
  readonly spark: Spark;
  readonly criticality: string;
  readonly nextWork: string;
};

/** GET /assets?branch=&q=&state=&type=&criticality=&cursor= */
export type AssetsProps = {
  readonly shell: Shell;
  readonly opening: string;
  /** Roots of the tree. */
  readonly tree: readonly TreeNode[];
  readonly rows: readonly AssetRow[];
  readonly filter: {
    readonly q: string;
    readonly state: AssetState | "";
    readonly type: string;
    readonly criticality: string;
    readonly branch: string;
    /** Name of the chosen branch, for its chip. */
    readonly branchName: string;
  };
  readonly types: readonly Option[];
  /** From the root to the chosen branch, for the phone. */
  readonly crumbs: readonly { readonly id: string; readonly name: string }[];
  readonly paging: PagingProps;
  readonly mayImport: boolean;
  /** There is no asset at all yet. */
  readonly isEmptyPlant: boolean;
};

/** Tree and table; the tree's branch and the filters are in the address. */
export function AssetsPage(props: AssetsProps) {
  return (
    <Layout shell={props.shell} title={t.nav.assets} section="assets" live="assets">
      <Head1
        title={t.nav.assets}
        sub={props.opening}
        crumbs={
          props.crumbs.length === 0 ? undefined : (
            <>
              <a href={paths.assets}>{t.assets.all}</a>
              {props.crumbs.map((crumb) => (
                <>
                  {" / "}
                  <a href={withQuery(paths.assets, { branch: crumb.id })}>{crumb.name}</a>
                </>
              ))}
            </>
          )
        }
      >
        {props.mayImport && (
          <a class="btn" href={paths.uploads}>
            {t.assets.import}
          </a>
        )}
      </Head1>
      {props.isEmptyPlant ? (
        <section class="panel">
          <Empty title={t.assets.emptyTitle} text={t.assets.emptyText}>
            <a class="btn" href={paths.uploads}>
              {t.assets.import}
            </a>{" "}
            <a class="btn" href={paths.inbox}>
              {t.assets.adopt}
            </a>
          </Empty>
        </section>
      ) : (
        <div class="cols side-l">
          <Panel id="tree" title={t.assets.tree} class="desk">
            <div class="pad-s">
              <AssetTree nodes={props.tree} />
            </div>
          </Panel>
          <AssetList {...props} />
        </div>
      )}
    </Layout>
  );
}

/** The list region: filters and table, swapped alone when a filter changes. */
export function AssetList(props: AssetsProps) {
  const { filter } = props;
  const states = ASSET_STATES.map((state) => ({ value: state, label: t.state[state] }));
  const criticalities = ["A", "B", "C"].map((value) => ({ value, label: value }));
  return (
    <div id="asset-list">
      <Filters action={paths.assets} target="#asset-list">
        <FilterText name="q" label={t.assets.filterName} value={filter.q} />
        <FilterSelect name="state" label={t.words.state} value={filter.state} options={states} />
        <FilterSelect name="type" label={t.words.type} value={filter.type} options={props.types} />
        <FilterSelect
          name="criticality"
          label={t.words.criticality}
          value={filter.criticality}
          options={criticalities}
        />
        {filter.branch !== "" && <input type="hidden" name="branch" value={filter.branch} />}
        {filter.branch !== "" && (
          <FilterChip
            text={filter.branchName}
            href={withQuery(paths.assets, { ...filter, branch: "", branchName: "" })}
          />
        )}
      </Filters>
      <section class="panel">
        {props.rows.length === 0 ? (
          <Empty title={t.assets.noneTitle} text={t.assets.noneText}>
            <a class="btn" href={paths.assets}>
              {t.assets.showAll}
            </a>
          </Empty>
        ) : (
          <>
            <table class="dense assets">
              <thead class="stick">
                <tr>
                  <th>
                    <span class="vh">{t.words.state}</span>
                  </th>
                  <th>{t.words.asset}</th>
                  <th>{t.words.health}</th>
                  <th class="num hide">{t.words.chance}</th>
                  <th class="hide">{t.words.days30}</th>
                  <th class="hide">{t.words.criticality}</th>
                  <th class="hide">{t.words.nextWork}</th>
                </tr>
              </thead>
              <tbody>
                {props.rows.map((row) => (
                  <Row row={row} />
                ))}
              </tbody>
            </table>
            <footer>
              <Paging paging={props.paging} />
            </footer>
          </>
        )}
      </section>
    </div>
  );
}

function Row(props: { row: AssetRow }) {
  const { row } = props;
  return (
    <tr id={`asset-${row.asset.id}`} data-row>
      <td class="tight">
        <StateGlyph {...row.mark} />
      </td>
      <td>
        <a class="plain" href={paths.asset(row.asset.id)}>
          <span class="tag">{row.asset.tag}</span> {row.asset.name}
        </a>
        <span class="sub">{row.typeName}</span>
      </td>
      <td class="tight">
        <HealthBar health={row.health} />
      </td>
      <td class="num hide">
        <Known text={row.chance} />
      </td>
      <td class="tight hide">
        <Sparkline values={row.spark} />
      </td>
      <td class="tight hide">{row.criticality}</td>
      <td class="hide muted">{row.nextWork}</td>
    </tr>
  );
}
