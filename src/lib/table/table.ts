/** One column of a table; all columns of a table are equally long. NaN and undefined mean nothing is there. */
export type TableColumn = { readonly name: string } & (
  | { readonly kind: "u32"; readonly data: Uint32Array }
  | { readonly kind: "f64"; readonly data: Float64Array }
  /** µs since 1970-01-01 UTC. */
  | { readonly kind: "timeUs"; readonly data: Float64Array }
  | { readonly kind: "text"; readonly data: readonly (string | undefined)[] }
);

/** Rows on their way out, column by column. */
export type Table = { readonly columns: readonly TableColumn[] };

/** Rows of a table. */
export function rowCount({ columns }: Table): number {
  return columns[0]?.data.length ?? 0;
}
