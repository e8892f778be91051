import type { JobStatus } from "../../src/domain/job.ts";
import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { ActButton } from "../ui/form.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Instant } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { SeverityGlyph } from "../ui/severity.tsx";
import { Time } from "../ui/time.tsx";

export type JobRow = {
  /** "features", "train", "score" */
  readonly id: string;
  readonly name: string;
  readonly what: string;
  /** "every day at 02:00" */
  readonly schedule: string;
  readonly next: Instant | undefined;
  readonly last:
    | {
        readonly status: JobStatus;
        readonly at: Instant;
        readonly took: string;
        readonly usual: string;
      }
    | undefined;
  readonly running: { readonly percent: number; readonly step: string } | undefined;
};

export type RunRow = {
  readonly id: string;
  readonly job: string;
  readonly status: JobStatus;
  readonly at: Instant;
  readonly took: string;
  /** "by schedule", "caught up", "Anna Nowak" */
  readonly by: string;
  /** "24 assets, 1,344 rows" or the error. */
  readonly result: string;
};

/** POST /jobs/:id/runs runs one now. */
export type JobsProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly jobs: readonly JobRow[];
  readonly runs: readonly RunRow[];
  readonly mayRun: boolean;
};

/** What runs by itself: when, when again, how it went, and a button to run it now. */
export function JobsPage(props: JobsProps) {
  const j = t.jobs;
  return (
    <Layout shell={props.shell} title={t.nav.jobs} section="jobs" live="jobs">
      <Head1 title={t.nav.jobs} sub={props.opening} />
      <div class="vstack">
        <JobList {...props} />
        <Panel id="runs" title={j.history}>
          {props.runs.length === 0 ? (
            <Empty title={j.noRunsTitle} text={j.noRunsText} />
          ) : (
            <Scroll label={j.history}>
              <table>
                <thead>
                  <tr>
                    <th>{j.job}</th>
                    <th>{j.started}</th>
                    <th>{j.took}</th>
                    <th class="hide">{j.by}</th>
                    <th>{j.result}</th>
                  </tr>
                </thead>
                <tbody>
                  {props.runs.map((run) => (
                    <tr id={`run-${run.id}`}>
                      <td>
                        <b>{run.job}</b>
                      </td>
                      <td class="nw">
                        <Time at={run.at} />
                      </td>
                      <td class="nw">{run.took}</td>
                      <td class="hide muted">{run.by}</td>
                      <td>
                        <RunState status={run.status} /> <span class="muted">{run.result}</span>
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

/** Live region `jobs`. */
export function JobList(props: JobsProps) {
  const j = t.jobs;
  return (
    <section class="panel" id="jobs" aria-label={t.nav.jobs}>
      <table class="cards">
        <thead>
          <tr>
            <th>{j.job}</th>
            <th>{j.schedule}</th>
            <th>{j.next}</th>
            <th>{j.last}</th>
            <th>
              <span class="vh">{t.words.acts}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {props.jobs.map((job) => (
            <tr id={`job-${job.id}`}>
              <td>
                <b>{job.name}</b>
                <span class="sub">{job.what}</span>
              </td>
              <td>{job.schedule}</td>
              <td class="nw" data-label={j.next}>
                <Time at={job.next} />
              </td>
              <td data-label={j.last}>
                <LastRun job={job} />
              </td>
              <td class="tight acts">
                {props.mayRun && job.running === undefined && (
                  <ActButton
                    action={paths.jobRuns(job.id)}
                    keys={props.shell}
                    name={`run-${job.id}`}
                    label={j.runNowOf(job.name)}
                  >
                    {j.runNow}
                  </ActButton>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function LastRun(props: { job: JobRow }) {
  const { running, last } = props.job;
  if (running !== undefined) {
    return (
      <>
        <progress max={100} value={running.percent} aria-label={props.job.name} />
        <span class="sub">
          {t.loading.percent(running.percent)} {running.step}
        </span>
      </>
    );
  }
  if (last === undefined) return <span class="faint">{t.common.never}</span>;
  return (
    <>
      <RunState status={last.status} /> <Time at={last.at} />
      <span class="sub">{t.jobs.lasted(last.took, last.usual)}</span>
    </>
  );
}

function RunState(props: { status: JobStatus }) {
  const bad = props.status === "failed" || props.status === "interrupted";
  return (
    <span class="nw">
      {bad && <SeverityGlyph severity="warning" decorative />}
      {props.status === "succeeded" && <Icon name="check" />} <b>{t.jobs.status[props.status]}</b>
    </span>
  );
}
