import packageJson from "../../package.json";

/** A native part packed into the binary: a tar.zst, and a key that changes with its content. */
export type PackedPart = { readonly archivePath: string; readonly key: string };

/** What `scripts/build.ts` puts into the binary. */
export type Embedded = {
  readonly version: string;
  /** Hash of the sources the binary was made from. */
  readonly buildId: string;
  /** Absent when running from the repository: the parts are then taken from node_modules. */
  readonly parts: { readonly duckdb: PackedPart; readonly postgres: PackedPart } | undefined;
};

/** The build replaces this whole file with one that carries the packed parts. */
export const embedded: Embedded = {
  version: packageJson.version,
  buildId: "source",
  parts: undefined,
};
