import { assetUrls } from "../../views/assets/index.ts";
import { ErrorPage } from "../../views/pages/error.tsx";
import { paths } from "../../views/paths.ts";
import type { Caller } from "../domain/access.ts";
import { html } from "../lib/reply.ts";

/** A refusal as a page: what failed, on what, what to do; and each field that does not fit. */
export function problemPage(
  problem: {
    readonly status: number;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>> | undefined;
  },
  _caller: Caller | undefined,
  _isPart: boolean,
): Promise<Response> {
  const fields = problem.details?.fields;
  const page = ErrorPage({
    shell: undefined,
    plain: { lang: "en", theme: "system", assets: assetUrls },
    status: problem.status,
    message: problem.message,
    fields: Array.isArray(fields)
      ? fields.map((one: { field?: unknown; reason?: unknown }) => `${one.field}: ${one.reason}`)
      : [],
    backHref: paths.now,
  });
  return html(page, problem.status, problem.status === 503 ? { "retry-after": "5" } : {});
}
