import { Type } from "@sinclair/typebox";
import { SourcePage } from "../../views/pages/source.tsx";
import { paths } from "../../views/paths.ts";
import { t } from "../../views/texts/index.ts";
import type { FormState } from "../../views/ui/model.ts";
import { mayUse } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { withAccount } from "../domain/source-account.ts";
import { SAMPLE_RATE_MOST_HZ } from "../domain/waveform.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { readAmount, valuesOfForm } from "./form.ts";
import { tabsOf } from "./ingest.tsx";
import { frameOf } from "./shell.ts";
import { factsOf, openingOf, partsOf, rateChart } from "./source-words.ts";

type Context = RouteContext<unknown, unknown, unknown>;
type Shown = { readonly form: FormState; readonly status: number };
const ID = Type.Object({ id: Type.String({ maxLength: 100 }) });

/** One source by itself. */
export function sourceRoutes(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "plant:read",
      method: "GET",
      path: "/ingest/sources/:id",
      summary: "One source: what became of all it sent.",
      params: ID,
      handle: (context) => sourcePage(deps, context, context.params.id),
    }),
    route({
      surface: "page",
      permission: "ingest:write",
      method: "POST",
      path: "/ingest/sources/:id/sample-rate",
      summary: "Sets the sample rate of waveforms whose lines do not say it.",
      params: ID,
      body: Type.Object({ sample_rate_hz: Type.Optional(Type.String({ maxLength: 100 })) }),
      handle: (context) => saveRate(deps, context, context.params.id, context.body.sample_rate_hz),
    }),
  ];
}

async function saveRate(deps: WebDeps, context: Context, id: string, text: string | undefined) {
  const sampleRateHz = readAmount(text);
  const values = valuesOfForm({ sample_rate_hz: text });
  const refused = (errors: FormState["errors"], status: number) =>
    sourcePage(deps, context, id, { form: { values, errors }, status });
  if (sampleRateHz === "wrong" || sampleRateHz === 0 || (sampleRateHz ?? 1) > SAMPLE_RATE_MOST_HZ)
    return refused({ sample_rate_hz: t.source.sampleRateWrong }, 422);
  const change = { version: context.version, idempotencyKey: context.idempotencyKey };
  try {
    await deps.stores.sources.update(context.caller, id, { sampleRateHz }, change);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    return refused({ "": error.message }, 409);
  }
  return redirect(paths.source(id));
}

async function sourcePage(deps: WebDeps, context: Context, id: string, shown?: Shown) {
  const { caller } = context;
  const found = await deps.stores.sources.get(caller, id);
  if (found === undefined) throw new AppError("not-found", `no source ${id}`);
  const [frame, tabs, late] = await Promise.all([
    frameOf(deps, context),
    tabsOf(deps, caller),
    deps.readings.lateLedger(),
  ]);
  const source = withAccount(found, late);
  const rates = deps.sourceRates(source.id);
  const values = { sample_rate_hz: source.sampleRateHz?.toString() ?? "" };
  const edit = {
    action: paths.sourceSampleRate(source.id),
    version: source.version,
    form: shown?.form ?? { values, errors: {} },
  };
  const page = SourcePage({
    shell: frame.shell,
    tabs,
    name: source.name,
    opening: openingOf(source, frame),
    parts: partsOf(source.account, frame),
    received: frame.format.number(source.account.received),
    facts: factsOf(source, rates, frame),
    rate: rateChart(rates, frame),
    edit: mayUse("ingest:write", caller) ? edit : undefined,
  });
  return html(page, shown?.status);
}
