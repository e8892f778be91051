import type { SourceRow } from "../../views/pages/ingest.tsx";
import type { LedgerPart } from "../../views/pages/source.tsx";
import { paths } from "../../views/paths.ts";
import { t } from "../../views/texts/index.ts";
import type { ChartProps } from "../../views/ui/chart-model.ts";
import type { Fact } from "../../views/ui/model.ts";
import type { AccountedSource, SourceAccount } from "../domain/source-account.ts";
import type { Frame } from "./shell.ts";

/** A gateway gathers from many sensors: this long without a line is worth a look. */
const SOURCE_SILENT_US = 15 * 60_000_000;
const TWO_HOURS_US = 7_200_000_000;

export type Words = Pick<Frame, "format" | "nowUs" | "zone">;
type Rates = { readonly atUs: readonly number[]; readonly perS: readonly number[] };

/** Since when a source is silent; undefined while it sends, or when it is not one that goes on sending. */
export function silentSinceUs(source: AccountedSource, nowUs: number): number | undefined {
  const lastUs = source.account.lastReceivedAtUs;
  const isOver = lastUs !== undefined && nowUs - lastUs > SOURCE_SILENT_US;
  return source.kind !== "files" && isOver ? lastUs : undefined;
}

/** Sent = stored + known + corrected + refused + ignored, and what of it waits to be compared. */
export function sourceRow(
  source: AccountedSource,
  rates: Rates,
  { format, nowUs }: Words,
): SourceRow {
  const { account } = source;
  const lastUs = account.lastReceivedAtUs;
  const perS = rates.perS.at(-1);
  return {
    id: source.id,
    name: source.name,
    kind: t.source.kinds[source.kind],
    href: paths.source(source.id),
    silent: silentSinceUs(source, nowUs) !== undefined,
    sent: format.number(account.received),
    stored: format.number(account.stored),
    known: format.number(account.known),
    corrected: format.number(account.corrected),
    undecided: format.number(account.undecided),
    refused: format.number(account.refused),
    ignored: format.number(account.ignored),
    late: format.number(account.late),
    rate: perS === undefined ? t.source.notYet : rateText(perS, format),
    last: lastUs === undefined ? undefined : format.ago(lastUs, nowUs),
  };
}

function rateText(perS: number, format: Words["format"]): string {
  return format.number(perS, perS < 10 ? 1 : 0);
}

/** One line on how it does. */
export function openingOf(source: AccountedSource, { format, nowUs }: Words): string {
  const { account } = source;
  if (account.lastReceivedAtUs === undefined) return t.source.neverSent;
  const silentUs = silentSinceUs(source, nowUs);
  if (silentUs !== undefined) return t.source.silentFor(format.duration((nowUs - silentUs) / 1000));
  return account.refused === 0
    ? t.source.allTaken
    : t.source.someRefused(format.number(account.refused));
}

/** The ledger's lines; they add up to what was received. */
export function partsOf(account: SourceAccount, { format }: Words): LedgerPart[] {
  const kinds = ["stored", "known", "corrected", "undecided", "refused", "ignored"] as const;
  return kinds.map((kind) => ({
    label: t.source.parts[kind],
    why: t.source.whys[kind],
    count: format.number(account[kind]),
  }));
}

/** What is known of it besides the ledger. */
export function factsOf(source: AccountedSource, rates: Rates, { format, nowUs }: Words): Fact[] {
  const { account } = source;
  const s = t.source;
  const perS = rates.perS.at(-1);
  const lastUs = account.lastReceivedAtUs;
  return [
    { label: s.kind, value: s.kinds[source.kind] },
    { label: s.lastSeen, value: lastUs === undefined ? s.never : format.ago(lastUs, nowUs).text },
    {
      label: s.rateNow,
      value: perS === undefined ? s.notYet : s.perSecond(rateText(perS, format)),
    },
    { label: s.late, value: format.number(account.late) },
    {
      label: s.quarantined,
      value: { href: paths.quarantineOf(source.id), text: format.number(account.quarantined) },
    },
    { label: s.newSensors, value: source.autoAdopt ? s.adoptsItself : s.waitsInInbox },
    {
      label: s.sampleRate,
      value:
        source.sampleRateHz === undefined
          ? s.noSampleRate
          : s.hertz(
              format.number(source.sampleRateHz, Number.isInteger(source.sampleRateHz) ? 0 : 3),
            ),
    },
    { label: s.since, value: format.at(source.createdAtUs, nowUs).text },
  ];
}

/** Readings a second over the last two hours; undefined until there are two samples. */
export function rateChart({ atUs, perS }: Rates, frame: Words): ChartProps | undefined {
  if (atUs.length === 0) return undefined;
  const { format } = frame;
  const fromUs = Math.max(frame.nowUs - TWO_HOURS_US, Math.min(...atUs));
  return {
    id: "rate-chart",
    title: t.source.rate,
    unit: "1/s",
    summary: t.source.rateSummary(
      rateText(perS.at(-1) ?? 0, format),
      rateText(Math.max(...perS), format),
    ),
    fromUs,
    toUs: Math.max(frame.nowUs, fromUs + 60e6),
    nowUs: undefined,
    zone: frame.zone,
    atUs,
    values: perS,
    lineLabel: t.source.rateLine,
    xTicks: format.timeTicks(fromUs, frame.nowUs, 4),
    limits: [],
    small: true,
  };
}
