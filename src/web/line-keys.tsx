import { Type } from "@sinclair/typebox";
import { LineKeysPage } from "../../views/pages/line-keys.tsx";
import { paths } from "../../views/paths.ts";
import { t } from "../../views/texts/index.ts";
import type { FormState } from "../../views/ui/model.ts";
import { AppError } from "../domain/error.ts";
import type { LineKey, PrivateLineKey } from "../domain/line-key.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { valuesOfForm } from "./form.ts";
import { frameOf } from "./shell.ts";

const admin = { surface: "page", permission: "admin" } as const;
const text = Type.Optional(Type.String({ maxLength: 200 }));
type Context = RouteContext<unknown, unknown, unknown>;
/** The key just made: with its private part, shown this once, unless the device keeps that. */
type Fresh = { readonly key: LineKey; readonly secret: PrivateLineKey | undefined };

const EMPTY: FormState = { values: {}, errors: {} };

/** Keys of devices that write line protocol over TCP. */
export function lineKeysRoutes(deps: WebDeps): Route[] {
  const { lineKeys } = deps.stores;
  return [
    route({
      ...admin,
      method: "GET",
      path: paths.lineKeys,
      summary: "Keys of line protocol over TCP.",
      handle: (context) => page(deps, context, { form: EMPTY, status: 200 }),
    }),
    route({
      ...admin,
      method: "POST",
      path: paths.lineKeys,
      summary: "Makes a key and shows its private part this once, or takes a device's public one.",
      body: Type.Object({ name: text, x: text, y: text }),
      handle: async (context) => {
        const { name = "", x = "", y = "" } = context.body;
        const values = valuesOfForm({ name, x, y });
        const errors: Record<string, string> = {};
        if (name.trim() === "") errors.name = "Say which device uses the key.";
        if (x === "" && y !== "") errors.x = "Write x as well, or neither.";
        if (y === "" && x !== "") errors.y = "Write y as well, or neither.";
        if (Object.keys(errors).length > 0)
          return page(deps, context, { form: { values, errors }, status: 422 });
        const change = { idempotencyKey: context.idempotencyKey };
        const input = { name: name.trim() };
        try {
          const fresh: Fresh =
            x === ""
              ? await lineKeys.create(context.caller, input, change)
              : {
                  key: await lineKeys.add(context.caller, { ...input, x, y }, change),
                  secret: undefined,
                };
          return await page(deps, context, { form: EMPTY, fresh, status: 201 });
        } catch (error) {
          if (!(error instanceof AppError) || error.code === "internal") throw error;
          const form = { values, errors: { "": error.message } };
          return page(deps, context, { form, status: error.code === "conflict" ? 409 : 422 });
        }
      },
    }),
    route({
      ...admin,
      method: "POST",
      path: "/admin/line-keys/:id/revocation",
      summary: "Revokes a key; connections that are open stay so.",
      params: Type.Object({ id: Type.String({ maxLength: 100 }) }),
      handle: async (context) => {
        await lineKeys.revoke(context.caller, context.params.id, {
          ...{ version: context.version, idempotencyKey: context.idempotencyKey },
        });
        return redirect(paths.lineKeys);
      },
    }),
  ];
}

async function page(
  deps: WebDeps,
  context: Context,
  shown: { readonly form: FormState; readonly fresh?: Fresh; readonly status: number },
): Promise<Response> {
  const { stores } = deps;
  const [frame, keys, sources] = await Promise.all([
    frameOf(deps, context),
    stores.lineKeys.list(context.caller),
    stores.sources.list(context.caller),
  ]);
  const { format, nowUs } = frame;
  const sourceOf = new Map(sources.map((source) => [source.id, source.name]));
  const live = keys.filter((key) => key.revokedAtUs === undefined).length;
  const { fresh } = shown;
  return html(
    LineKeysPage({
      shell: frame.shell,
      opening: t.lineKeys.opening(live),
      form: shown.form,
      fresh: fresh && {
        name: fresh.key.name,
        keyId: fresh.key.keyId,
        jwk: fresh.secret && JSON.stringify(fresh.secret, undefined, 2),
      },
      keys: keys.map((key) => ({
        ...{ id: key.id, version: key.version, name: key.name, keyId: key.keyId },
        source: { href: paths.source(key.sourceId), text: sourceOf.get(key.sourceId) ?? key.name },
        made: format.at(key.createdAtUs, nowUs),
        lastUsed: key.lastUsedAtUs === undefined ? undefined : format.at(key.lastUsedAtUs, nowUs),
        revoked: key.revokedAtUs === undefined ? undefined : format.at(key.revokedAtUs, nowUs),
      })),
    }),
    shown.status,
  );
}
