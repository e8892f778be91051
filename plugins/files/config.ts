import { IMPORT_KINDS, type Static, Type } from "../../src/plugin-sdk/index.ts";

const delimiters = ["auto", ",", ";", "\t", " "] as const;
const units = ["ns", "us", "ms", "s", "m", "h", "d"] as const;

export const FilesConfig = Type.Object(
  {
    file: Type.String({
      minLength: 1,
      description: "Path of the file, or the name under which the host lends it.",
    }),
    kind: Type.Union(
      ["auto" as const, ...IMPORT_KINDS].map((kind) => Type.Literal(kind)),
      { default: "auto", description: "What the file holds; auto tells it from the header." },
    ),
    delimiter: Type.Union(
      delimiters.map((delimiter) => Type.Literal(delimiter)),
      {
        default: "auto",
        description: "What stands between columns; a space takes runs of blanks.",
      },
    ),
    header: Type.Boolean({
      default: true,
      description: "Whether the first row names the columns.",
    }),
    columns: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        maxItems: 4_096,
        description: "Names of the columns in order; replaces the header, needed without one.",
      }),
    ),
    rename: Type.Record(Type.String(), Type.String({ minLength: 1 }), {
      default: {},
      description: "Names of columns in the file and what they are called here.",
    }),
    ignore: Type.Array(Type.String(), {
      default: [],
      description: "Columns to leave out.",
    }),
    asset: Type.Optional(
      Type.String({
        minLength: 1,
        description: "The asset of every row, when the file has no column for it.",
      }),
    ),
    assetPrefix: Type.String({
      default: "",
      description: "Put before every asset's key, so that files that count from 1 do not collide.",
    }),
    measurement: Type.String({
      minLength: 1,
      default: "readings",
      description:
        "Measurement of the readings; set it to what live devices send to join their series.",
    }),
    states: Type.Array(Type.String(), {
      default: [],
      description: "Sensors whose values are names of states, not numbers.",
    }),
    decimal: Type.Union([Type.Literal("."), Type.Literal(",")], {
      default: ".",
      description: "The decimal sign.",
    }),
    timeUnit: Type.Optional(
      Type.Union(
        units.map((unit) => Type.Literal(unit)),
        { description: "Unit of times that are numbers; unset, times are ISO 8601." },
      ),
    ),
    timeOrigin: Type.Optional(
      Type.String({
        description: "What times in numbers count from; unset, 1970-01-01T00:00:00Z.",
      }),
    ),
    zone: Type.Optional(
      Type.String({
        description: "IANA time zone of times that carry none, such as Europe/Berlin.",
      }),
    ),
    precision: Type.Union(
      (["ns", "us", "ms", "s", "m", "h"] as const).map((unit) => Type.Literal(unit)),
      { default: "ns", description: "Unit of the times in a line protocol file." },
    ),
    inflatedBytesMax: Type.Integer({
      minimum: 1,
      default: 64 * 2 ** 30,
      description: "How large a gzip file may become.",
    }),
  },
  { additionalProperties: false },
);
export type FilesConfig = Static<typeof FilesConfig>;
