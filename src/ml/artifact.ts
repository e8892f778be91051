import { AppError } from "../domain/error.ts";
import type { FeatureColumn } from "../domain/feature.ts";
import type { ModelCard, ReadableTree } from "../domain/model.ts";
import type { Normaliser } from "./features/normaliser.ts";
import type { Ensemble, Tree } from "./learners/tree.ts";
import type { IntervalTable } from "./validation/intervals.ts";

/** A trained model, whole: what `predict` needs and nothing else. */
export type Model = {
  readonly card: ModelCard;
  readonly normaliser: Normaliser;
  readonly columns: readonly FeatureColumn[];
  /** Index of each column in a `FeatureReader` row. */
  readonly kept: readonly number[];
  /** Answers sqrt(remaining steps + 1). */
  readonly life: Ensemble;
  readonly intervals: IntervalTable;
  /** Answers log-odds (`logistic`) or a probability (`share`). */
  readonly horizon:
    | { readonly link: "logistic" | "share"; readonly ensemble: Ensemble }
    | undefined;
  readonly readable: ReadableTree;
  /** Failures it was trained on, as `failureKey` writes them: a successor is compared on others. */
  readonly seenFailures: readonly string[];
};

const MAGIC = "FSMODEL1";

type Header = Omit<Model, "life" | "horizon"> & {
  readonly life: { readonly base: number; readonly sizes: readonly number[] };
  readonly horizon: {
    readonly link: "logistic" | "share";
    readonly base: number;
    readonly sizes: readonly number[];
  } | null;
};

/** Bytes of a node's parts, in the order in which they are written. */
const PARTS = [
  ["threshold", Float64Array],
  ["value", Float64Array],
  ["cover", Float64Array],
  ["feature", Int32Array],
  ["left", Int32Array],
  ["right", Int32Array],
  ["missingLeft", Uint8Array],
] as const;

function sizesOf(ensemble: Ensemble): number[] {
  return ensemble.trees.map((tree) => tree.feature.length);
}

function aligned(size: number): number {
  return Math.ceil(size / 8) * 8;
}

function ensembleBytes(sizes: readonly number[]): number {
  const nodes = sizes.reduce((sum, size) => sum + size, 0);
  return PARTS.reduce((sum, [, Kind]) => sum + aligned(nodes * Kind.BYTES_PER_ELEMENT), 0);
}

/** The model as bytes (little-endian); equal models give equal bytes. */
export function encodeModel(model: Model): Uint8Array<ArrayBuffer> {
  const { life, horizon, ...rest } = model;
  const header: Header = {
    ...rest,
    life: { base: life.base, sizes: sizesOf(life) },
    horizon:
      horizon === undefined
        ? null
        : { link: horizon.link, base: horizon.ensemble.base, sizes: sizesOf(horizon.ensemble) },
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bodyAt = aligned(12 + text.length);
  const ensembles = horizon === undefined ? [life] : [life, horizon.ensemble];
  const total = ensembles.reduce((sum, e) => sum + ensembleBytes(sizesOf(e)), bodyAt);
  const bytes = new Uint8Array(total);
  bytes.set(new TextEncoder().encode(MAGIC));
  new DataView(bytes.buffer).setUint32(8, text.length, true);
  bytes.set(text, 12);
  let at = bodyAt;
  for (const ensemble of ensembles) at = writeEnsemble(bytes, at, ensemble);
  return bytes;
}

function writeEnsemble(bytes: Uint8Array<ArrayBuffer>, start: number, ensemble: Ensemble): number {
  const nodes = sizesOf(ensemble).reduce((sum, size) => sum + size, 0);
  let at = start;
  for (const [part, Kind] of PARTS) {
    const target = new Kind(bytes.buffer, at, nodes);
    let node = 0;
    for (const tree of ensemble.trees) {
      target.set(tree[part], node);
      node += tree.feature.length;
    }
    at += aligned(nodes * Kind.BYTES_PER_ELEMENT);
  }
  return at;
}

/**
 * Reads what `encodeModel` wrote.
 * @throws AppError("invalid") when the bytes are not a whole model of this format.
 */
export function decodeModel(bytes: Uint8Array): Model {
  const own = new Uint8Array(bytes); // a copy, so that the typed views below are aligned
  const bad = (what: string) =>
    new AppError("invalid", `model artifact: ${what}; restore it from a backup or train again`);
  if (own.length < 16 || new TextDecoder().decode(own.subarray(0, 8)) !== MAGIC) {
    throw bad("this is not a model file of this format");
  }
  const length = new DataView(own.buffer).getUint32(8, true);
  if (12 + length > own.length) throw bad("the file is cut short");
  const header = readHeader(own.subarray(12, 12 + length), bad);
  const bodyAt = aligned(12 + length);
  const parts = header.horizon === null ? [header.life] : [header.life, header.horizon];
  const total = parts.reduce((sum, part) => sum + ensembleBytes(part.sizes), bodyAt);
  if (total !== own.length) throw bad(`it has ${own.length} bytes instead of ${total}`);
  const { life, horizon, ...rest } = header;
  const second = bodyAt + ensembleBytes(life.sizes);
  return {
    ...rest,
    life: readEnsemble(own.buffer, bodyAt, life),
    horizon:
      horizon === null
        ? undefined
        : { link: horizon.link, ensemble: readEnsemble(own.buffer, second, horizon) },
  };
}

function readHeader(bytes: Uint8Array, bad: (what: string) => AppError): Header {
  try {
    // The magic names this format's version, and the registry checks the hash of the bytes.
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Header;
  } catch (cause) {
    throw new AppError("invalid", bad("its header is damaged").message, { cause });
  }
}

function readEnsemble(
  buffer: ArrayBuffer,
  start: number,
  shape: { readonly base: number; readonly sizes: readonly number[] },
): Ensemble {
  const nodes = shape.sizes.reduce((sum, size) => sum + size, 0);
  let at = start;
  const place = (bytesEach: number): number => {
    const here = at;
    at += aligned(nodes * bytesEach);
    return here;
  };
  const whole: Tree = {
    threshold: new Float64Array(buffer, place(8), nodes),
    value: new Float64Array(buffer, place(8), nodes),
    cover: new Float64Array(buffer, place(8), nodes),
    feature: new Int32Array(buffer, place(4), nodes),
    left: new Int32Array(buffer, place(4), nodes),
    right: new Int32Array(buffer, place(4), nodes),
    missingLeft: new Uint8Array(buffer, place(1), nodes),
  };
  let node = 0;
  const trees = shape.sizes.map((size): Tree => {
    const from = node;
    node += size;
    return {
      threshold: whole.threshold.subarray(from, node),
      value: whole.value.subarray(from, node),
      cover: whole.cover.subarray(from, node),
      feature: whole.feature.subarray(from, node),
      left: whole.left.subarray(from, node),
      right: whole.right.subarray(from, node),
      missingLeft: whole.missingLeft.subarray(from, node),
    };
  });
  return { base: shape.base, trees };
}

/** SHA-256 of the bytes in hex: what the registry keeps beside the artifact. */
export function artifactHash(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}
