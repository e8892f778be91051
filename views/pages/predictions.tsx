import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { HealthBar } from "../ui/health.tsx";
import { Known } from "../ui/known.tsx";
import type { AssetRef, Health, Paging as PagingProps } from "../ui/model.ts";
import { Paging } from "../ui/paging.tsx";

export type PredictionRow = {
  readonly id: string;
  readonly asset: AssetRef;
  readonly health: Health;
  readonly chance: string | undefined;
  readonly timeLeft: string | undefined;
  readonly cost: string | undefined;
  readonly risk: string | undefined;
  readonly reason: string;
  /** "step 4 of 5, fleet model" */
  readonly trust: string;
};

export type PredictionsProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly sub: string;
  readonly horizon: string;
  readonly rows: readonly PredictionRow[];
  readonly paging: PagingProps;
};

/** Ranked by risk: chance times cost. */
export function PredictionsPage(props: PredictionsProps) {
  const p = t.predictions;
  return (
    <Layout shell={props.shell} title={t.nav.predictions} section="predictions">
      <Head1 title={props.opening} sub={props.sub} />
      <section class="panel" aria-label={t.nav.predictions}>
        {props.rows.length === 0 ? (
          <Empty title={p.emptyTitle} text={p.emptyText} />
        ) : (
          <>
            <table class="cards">
              <thead class="stick">
                <tr>
                  <th>{t.words.asset}</th>
                  <th>{t.words.health}</th>
                  <th class="num">{p.chance(props.horizon)}</th>
                  <th>{t.words.timeLeft}</th>
                  <th class="num hide">{p.cost}</th>
                  <th class="num">{t.words.risk}</th>
                  <th class="hide">{p.reason}</th>
                  <th class="hide">{p.trust}</th>
                </tr>
              </thead>
              <tbody>
                {props.rows.map((row) => (
                  <tr id={`prediction-${row.id}`} data-row>
                    <td>
                      <a class="plain" href={paths.prediction(row.id)}>
                        <span class="tag">{row.asset.tag}</span>
                        <span class="sub">{row.asset.name}</span>
                      </a>
                    </td>
                    <td class="tight">
                      <HealthBar health={row.health} />
                    </td>
                    <td class="num" data-label={p.chance(props.horizon)}>
                      <Known text={row.chance} />
                    </td>
                    <td class="nw" data-label={t.words.timeLeft}>
                      <Known text={row.timeLeft} />
                    </td>
                    <td class="num hide">
                      <Known text={row.cost} />
                    </td>
                    <td class="num" data-label={t.words.risk}>
                      <b>
                        <Known text={row.risk} />
                      </b>
                    </td>
                    <td class="hide">{row.reason}</td>
                    <td class="hide muted sm">{row.trust}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <footer class="row wrap">
              <Paging paging={props.paging} />
              <span>{t.now.riskFoot}</span>
            </footer>
          </>
        )}
      </section>
    </Layout>
  );
}
