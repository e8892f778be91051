import { Type } from "@sinclair/typebox";
import { SourcePage } from "../../views/pages/source.tsx";
import { AppError } from "../domain/error.ts";
import { type Route, route } from "../domain/route.ts";
import { withAccount } from "../domain/source-account.ts";
import { html } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { tabsOf } from "./ingest.tsx";
import { frameOf } from "./shell.ts";
import { factsOf, openingOf, partsOf, rateChart } from "./source-words.ts";

/** One source by itself. */
export function sourceRoutes(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "plant:read",
      method: "GET",
      path: "/ingest/sources/:id",
      summary: "One source: what became of all it sent.",
      params: Type.Object({ id: Type.String() }),
      handle: async (context) => {
        const { caller, params } = context;
        const found = await deps.stores.sources.get(caller, params.id);
        if (found === undefined) throw new AppError("not-found", `no source ${params.id}`);
        const [frame, tabs, late] = await Promise.all([
          frameOf(deps, context),
          tabsOf(deps, caller),
          deps.readings.lateLedger(),
        ]);
        const source = withAccount(found, late);
        const rates = deps.sourceRates(source.id);
        return html(
          SourcePage({
            shell: frame.shell,
            tabs,
            name: source.name,
            opening: openingOf(source, frame),
            parts: partsOf(source.account, frame),
            received: frame.format.number(source.account.received),
            facts: factsOf(source, rates, frame),
            rate: rateChart(rates, frame),
          }),
        );
      },
    }),
  ];
}
