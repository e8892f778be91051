import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { FilterText } from "../ui/filters.tsx";
import { Panel } from "../ui/panel.tsx";

/** GET /search?q= */
export type SearchProps = {
  readonly shell: Shell;
  readonly q: string;
  readonly groups: readonly {
    readonly name: string;
    readonly hits: readonly {
      readonly href: string;
      readonly text: string;
      readonly sub: string;
    }[];
  }[];
};

/** Assets, sensors, alarms, work and pages that fit the words. */
export function SearchPage(props: SearchProps) {
  const s = t.search;
  const hits = props.groups.reduce((sum, group) => sum + group.hits.length, 0);
  return (
    <Layout shell={props.shell} title={s.title} section="none">
      <Head1 title={props.q === "" ? s.title : s.found(hits, props.q)} />
      <search>
        <form class="filters" method="get" action={paths.search}>
          <FilterText name="q" label={t.shell.find} value={props.q} />
          <button type="submit" class="btn go">
            {s.go}
          </button>
        </form>
      </search>
      <div class="vstack">
        {props.groups.map((group) => (
          <Panel id={`hits-${group.name.toLowerCase().replaceAll(" ", "-")}`} title={group.name}>
            <ul class="lines">
              {group.hits.map((hit) => (
                <li data-row>
                  <span class="grow">
                    <a class="plain" href={hit.href}>
                      <b>{hit.text}</b>
                    </a>
                    <span class="sub">{hit.sub}</span>
                  </span>
                </li>
              ))}
            </ul>
          </Panel>
        ))}
        {hits === 0 && props.q !== "" && (
          <section class="panel">
            <Empty title={s.noneTitle} text={s.noneText} />
          </section>
        )}
      </div>
    </Layout>
  );
}
