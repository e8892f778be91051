import { Type } from "@sinclair/typebox";
import { AppError } from "../domain/error.ts";
import type { OperationName, Operations } from "../domain/operation.ts";
import { type Route, route } from "../domain/route.ts";
import { json } from "../lib/reply.ts";

/** What the command line's own door needs. */
export type LocalDeps = {
  /** Undefined while the stores are opening or closing. */
  readonly operations: () => Operations | undefined;
  /** True when the header holds the secret that only who can read the data folder knows. */
  readonly knowsSecret: (header: string | null) => boolean;
};

/** `POST /local/:operation`: the command line's way to a running server; nothing else may use it. */
export function localRoutes(deps: LocalDeps): Route[] {
  return [
    route({
      method: "POST",
      path: "/local/:operation",
      surface: "api",
      permission: "open",
      summary: "The command line's door; needs the data folder's secret.",
      params: Type.Object({ operation: Type.String() }),
      body: Type.Record(Type.String(), Type.Unknown()),
      maxBytes: 1024 * 1024,
      handle: async ({ request, params, body }) => {
        if (!deps.knowsSecret(request.headers.get("x-foresight-local")))
          throw new AppError("unauthorized", "this door is for the command line on this machine");
        const operations = deps.operations();
        if (operations === undefined)
          throw new AppError("unavailable", "the server is starting or stopping; try again");
        if (!Object.hasOwn(operations, params.operation))
          throw new AppError("not-found", `no operation ${params.operation}`);
        // Own keys of `operations` are operation names.
        return json((await operations[params.operation as OperationName](body)) ?? null);
      },
    }),
  ];
}
