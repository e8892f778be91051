/** A source as the log names it: by number. */
export type KnownSource = {
  readonly tenantId: string;
  readonly tenantNo: number;
  readonly sourceId: string;
  readonly sourceNo: number;
  readonly autoAdopt: boolean;
};

/** The source, if it is the tenant's own. */
export function ownSource(
  sources: ReadonlyMap<number, KnownSource>,
  one: { readonly sourceNo: number; readonly tenantNo: number },
): KnownSource | undefined {
  const found = sources.get(one.sourceNo);
  return found?.tenantNo === one.tenantNo ? found : undefined;
}
