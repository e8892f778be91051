export const FORMATS = ["csv", "lp", "parquet"] as const;
export type Format = (typeof FORMATS)[number];

const ENDINGS: Readonly<Record<string, Format>> = {
  csv: "csv",
  tsv: "csv",
  lp: "lp",
  line: "lp",
  lines: "lp",
  influx: "lp",
  ilp: "lp",
  parquet: "parquet",
  pq: "parquet",
};

/** The format that a file's name tells, packed (`.gz`, `.zst`) or not; undefined when it tells none. */
export function formatByName(name: string): Format | undefined {
  const ending = /\.([a-z]+)(\.gz|\.zst)?$/i.exec(name)?.[1];
  return ending === undefined ? undefined : ENDINGS[ending.toLowerCase()];
}

/** The format of a file whose name tells none, by its first bytes. */
export function formatByHead(head: Uint8Array): Format {
  const text = new TextDecoder("latin1").decode(head.subarray(0, 65_536));
  if (text.startsWith("PAR1")) return "parquet";
  const line = text.split("\n").find((one) => one.trim() !== "" && !one.startsWith("#")) ?? "";
  // measurement[,tag=value…] field=value[,…] [time]
  return /^[^\s,=]+(,[^\s,=]+=\S+)* [^\s=]+=\S/.test(line) ? "lp" : "csv";
}
