import { Type } from "@sinclair/typebox";
import { KEY_SCOPES } from "../domain/access.ts";
import type { ApiKeyStore } from "../domain/api-key.ts";
import { adoptionsOf, PATTERN_LENGTH_MAX, placementsOf } from "../domain/placement.ts";
import type { LateLedgerRow } from "../domain/reading-store.ts";
import { type Route, route } from "../domain/route.ts";
import type { SeriesStore } from "../domain/series-store.ts";
import type { SourceStore } from "../domain/source.ts";
import { withAccount, withAccounts } from "../domain/source-account.ts";
import { SAMPLE_RATE_MOST_HZ } from "../domain/waveform.ts";
import { json } from "../lib/reply.ts";
import {
  changeOf,
  found,
  one,
  oneOf,
  optional,
  PAGING,
  TENANT,
  TENANT_AND_ID,
  text,
} from "./api-route.ts";

export type IngestDeps = {
  readonly sources: SourceStore;
  readonly apiKeys: ApiKeyStore;
  readonly mapping: SeriesStore;
  /** What the series store decided of late readings, by source. */
  readonly lateLedger: () => Promise<readonly LateLedgerRow[]>;
  readonly tellLog: () => Promise<void>;
  /** Readings a second that a source sent over the last two hours. */
  readonly sourceRates: (sourceId: string) => {
    readonly atUs: readonly number[];
    readonly perS: readonly number[];
  };
};

const read = { surface: "api", permission: "plant:read", method: "GET" } as const;
const write = { surface: "api", permission: "ingest:write" } as const;
const admin = { surface: "api", permission: "admin" } as const;

const SAMPLE_RATE = Type.Unsafe<number | null>(
  Type.Union([
    Type.Number({ exclusiveMinimum: 0, maximum: SAMPLE_RATE_MOST_HZ, description: "Hz" }),
    Type.Null(),
  ]),
);

/** Sources with their ledgers, the inbox of unknown series, and keys of devices. */
export function ingestRoutes(deps: IngestDeps): Route[] {
  return [...sources(deps), ...inbox(deps), ...placements(deps), ...keys(deps)];
}

/** The newest rate; null while there are not two counts to tell it from. */
const nowOf = ({ perS }: { readonly perS: readonly number[] }): number | null =>
  perS.at(-1) ?? null;

function sources({ sources, lateLedger, sourceRates }: IngestDeps): Route[] {
  return [
    route({
      ...read,
      path: "/api/v1/sources/:tenantId",
      summary:
        "Sources with their accounts: received = stored + known + corrected + undecided + refused + ignored; `perSecond` is what each sends now.",
      params: TENANT,
      handle: async ({ caller }) => {
        const [items, late] = await Promise.all([sources.list(caller), lateLedger()]);
        const accounted = withAccounts(items, late);
        return json({
          items: accounted.map((s) => ({ ...s, perSecond: nowOf(sourceRates(s.id)) })),
        });
      },
    }),
    route({
      ...read,
      path: "/api/v1/sources/:tenantId/:id",
      summary:
        "One source with its account, and the readings a second that it sent over the last two hours.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) => {
        const source = found(await sources.get(caller, params.id), "source", params.id);
        const rates = sourceRates(source.id);
        const accounted = withAccount(source, await lateLedger());
        return one({ ...accounted, perSecond: nowOf(rates), rates });
      },
    }),
    route({
      ...write,
      method: "PATCH",
      path: "/api/v1/sources/:tenantId/:id",
      summary:
        "Changes a source's name, whether unknown sensors are made without asking, or the sample rate of waveforms whose lines do not say it (null: none).",
      params: TENANT_AND_ID,
      body: Type.Object({
        name: optional(text()),
        autoAdopt: optional(Type.Boolean()),
        sampleRateHz: optional(SAMPLE_RATE),
      }),
      handle: async (c) => {
        const { sampleRateHz, ...rest } = c.body;
        // Only a rate that is named is changed; null takes it away.
        const rate = sampleRateHz === undefined ? {} : { sampleRateHz: sampleRateHz ?? undefined };
        return one(await sources.update(c.caller, c.params.id, { ...rest, ...rate }, changeOf(c)));
      },
    }),
  ];
}

const NUMBERS = Type.Object({
  seriesNos: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 10_000 }),
});

function inbox({ mapping, tellLog }: IngestDeps): Route[] {
  return [
    route({
      ...read,
      path: "/api/v1/inbox/:tenantId",
      summary: "Series that nobody has placed yet, or those adopted or ignored.",
      params: TENANT,
      query: Type.Object({
        ...PAGING,
        status: Type.Optional(oneOf(["inbox", "adopted", "ignored"])),
        query: optional(text()),
      }),
      handle: async ({ caller, query }) =>
        json(await mapping.list(caller, { ...query, status: query.status ?? "inbox" })),
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/inbox/:tenantId/adoptions",
      summary:
        "Places series: each feeds a sensor, by names or by `sensorId`, from `fromUs` on, by default its first reading. From a later start on, that series alone counts.",
      params: TENANT,
      body: Type.Object({
        adoptions: Type.Array(
          Type.Object({
            seriesNo: Type.Integer({ minimum: 1 }),
            assetKey: optional(text()),
            sensorName: optional(text()),
            sensorId: optional(text(100)),
            fromUs: optional(Type.Number()),
            unit: optional(Type.String({ maxLength: 20 })),
          }),
          { minItems: 1, maxItems: 10_000 },
        ),
      }),
      handle: async (c) => {
        const items = await mapping.adopt(c.caller, c.body.adoptions, changeOf(c));
        await tellLog();
        return json({ items });
      },
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/inbox/:tenantId/ignored",
      summary: "Ignores series; their readings are kept.",
      params: TENANT,
      body: NUMBERS,
      handle: async (c) =>
        json({ ignored: await mapping.ignore(c.caller, c.body.seriesNos, changeOf(c)) }),
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/inbox/:tenantId/released",
      summary: "Puts series back into the inbox.",
      params: TENANT,
      body: NUMBERS,
      handle: async (c) => {
        const released = await mapping.release(c.caller, c.body.seriesNos, changeOf(c));
        await tellLog();
        return json({ released });
      },
    }),
  ];
}

const PATTERN = {
  asset: Type.String({ maxLength: PATTERN_LENGTH_MAX }),
  sensor: Type.String({ maxLength: PATTERN_LENGTH_MAX }),
  query: optional(text()),
};

function placements({ mapping, tellLog }: IngestDeps): Route[] {
  return [
    route({
      ...read,
      path: "/api/v1/inbox/:tenantId/placements",
      summary: "What a pattern such as `{asset}` and `{sensor}` would do with all that wait.",
      params: TENANT,
      query: Type.Object(PATTERN),
      handle: async ({ caller, query }) =>
        json(await placementsOf(mapping, caller, query, query.query)),
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/inbox/:tenantId/placements",
      summary: "Places all series that the pattern fits; the others go on waiting.",
      params: TENANT,
      body: Type.Object(PATTERN),
      handle: async (c) => {
        const found = await placementsOf(mapping, c.caller, c.body, c.body.query);
        const adoptions = adoptionsOf(found.items);
        // A repeat finds nothing that waits: it is the pattern that was asked for.
        const items = await mapping.adopt(c.caller, adoptions, changeOf(c), c.body);
        await tellLog();
        return json({ items, isWhole: found.isWhole });
      },
    }),
  ];
}

function keys({ apiKeys }: IngestDeps): Route[] {
  return [
    route({
      ...admin,
      method: "GET",
      path: "/api/v1/api-keys/:tenantId",
      summary: "Keys of devices and programs; a token is never shown again.",
      params: TENANT,
      handle: async ({ caller }) => json({ items: await apiKeys.list(caller) }),
    }),
    route({
      ...admin,
      method: "POST",
      path: "/api/v1/api-keys/:tenantId",
      summary: "Makes a key and shows its token this once.",
      params: TENANT,
      body: Type.Object({
        name: text(),
        scope: oneOf(KEY_SCOPES),
        sourceId: optional(Type.String()),
        expiresAtUs: optional(Type.Number()),
      }),
      handle: async (c) => {
        const { key, token } = await apiKeys.create(c.caller, c.body, changeOf(c));
        return one({ ...key, token }, 201);
      },
    }),
    route({
      ...admin,
      method: "POST",
      path: "/api/v1/api-keys/:tenantId/:id/revocation",
      summary: "Revokes a key; it writes nothing more after 5 seconds.",
      params: TENANT_AND_ID,
      handle: async (c) => one(await apiKeys.revoke(c.caller, c.params.id, changeOf(c))),
    }),
  ];
}
