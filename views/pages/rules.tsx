import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Instant, SeverityMark } from "../ui/model.ts";
import { SeverityGlyph } from "../ui/severity.tsx";
import { Time } from "../ui/time.tsx";

export type RuleRow = {
  readonly id: string;
  readonly name: string;
  readonly mark: SeverityMark;
  /** "bearing temperature of any pump is above 85 °C for 10 min" */
  readonly sentence: string;
  readonly covers: string;
  readonly alarms30d: string;
  readonly enabled: boolean;
  /** Its newest version waits for the log. */
  readonly pending: boolean;
  readonly changed: Instant;
};

export type RulesProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly rules: readonly RuleRow[];
  readonly mayWrite: boolean;
};

/** Every rule as its sentence. */
export function RulesPage(props: RulesProps) {
  return (
    <Layout shell={props.shell} title={t.nav.rules} section="rules">
      <Head1 title={t.nav.rules} sub={props.opening}>
        {props.mayWrite && (
          <a class="btn go" href={paths.ruleNew}>
            <Icon name="plus" />
            {t.rules.new}
          </a>
        )}
      </Head1>
      <section class="panel" aria-label={t.nav.rules}>
        {props.rules.length === 0 ? (
          <Empty title={t.rules.emptyTitle} text={t.rules.emptyText} />
        ) : (
          <table class="cards">
            <thead class="stick">
              <tr>
                <th>
                  <span class="vh">{t.words.severity}</span>
                </th>
                <th>{t.words.rule}</th>
                <th class="hide">{t.rules.covers}</th>
                <th class="num hide">{t.rules.alarms30}</th>
                <th class="hide">{t.rules.changed}</th>
                <th>{t.words.state}</th>
              </tr>
            </thead>
            <tbody>
              {props.rules.map((rule) => (
                <tr id={`rule-${rule.id}`} data-row>
                  <td class="tight">
                    <SeverityGlyph {...rule.mark} off={!rule.enabled} />
                  </td>
                  <td>
                    <a class="plain" href={paths.rule(rule.id)}>
                      <b>{rule.name}</b>
                    </a>
                    <span class="sub">{rule.sentence}</span>
                  </td>
                  <td class="hide nw">{rule.covers}</td>
                  <td class="num hide">{rule.alarms30d}</td>
                  <td class="hide nw">
                    <Time at={rule.changed} />
                  </td>
                  <td class="tight muted">
                    {rule.pending ? t.rules.pending : rule.enabled ? t.rules.on : t.rules.off}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </Layout>
  );
}
