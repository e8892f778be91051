import { expect, test } from "bun:test";
import { summaryOf, WAVEFORM_SAMPLES_MAX, type Waveform } from "../../domain/waveform.ts";
import { Dictionary, KeyTable, Rows, Scanner, startJob } from "../index.ts";
import { arrayBytes, bodyOf, doubleBytes } from "./testdata/binary-line.ts";

type Parts = readonly (string | Uint8Array)[];

/** Scans bodies in QuestDB's dialect, one after the other with one scanner. */
function scanner(sampleRateHz?: number) {
  const scanner = new Scanner(new Dictionary(100), new KeyTable());
  const fields = new Map<number, string>();
  return (...parts: Parts) => {
    const rows = new Rows(4);
    const { buffer: body } = bodyOf(...parts);
    const sent = { tenantNo: 1, sourceNo: 1, receivedAtUs: 5, body };
    const request = { ...sent, dialect: "questdb", precision: "us", sampleRateHz } as const;
    const job = startJob(request, rows, scanner.entries);
    while (!scanner.scan(job, rows, 1 << 20));
    for (const entry of scanner.takeEntries()) fields.set(entry.seriesNo, entry.field);
    const { series, value, texts, waveforms } = rows.frame();
    return {
      readings: Array.from(series, (no, row) => [
        fields.get(no),
        value[row],
        texts.find((text) => text.row === row)?.text,
      ]),
      waveforms,
      reasons: job.errors.map(({ reason }) => reason),
    };
  };
}

const waveform = (samples: number[], rate?: number, shape = [samples.length]): Waveform => ({
  samples: Float64Array.from(samples),
  shape,
  sampleRateHz: rate,
});

test.each([
  // name, the line's head up to the array, shape, rate
  ["no rate", "m,asset=P v=", [3], undefined],
  ["rate from a field", "m,asset=P sample_rate_hz=25600.5,v=", [3], 25_600.5],
  ["rate from a whole field", "m,asset=P sample_rate_hz=100i,v=", [3], 100],
  ["rate from a tag", "m,asset=P,sample_rate_hz=48000 v=", [3], 48_000],
  ["the field before the tag", "m,sample_rate_hz=1 sample_rate_hz=2,v=", [3], 2],
  ["two dimensions", "m,asset=P sample_rate_hz=5,v=", [1, 3], 5],
])("an array is a waveform: %s", (_name, head, shape, rate) => {
  const samples = [0.1, 10, -2.5]; // a newline's byte is data
  const scan = scanner();
  const expected = waveform(samples, rate, shape);
  // Twice: what is known of the line from the first time changes nothing.
  for (let time = 0; time < 2; time++)
    expect(scan(head, arrayBytes(samples, shape), " 7\n")).toEqual({
      readings: [["v", Number.NaN, summaryOf(expected)]],
      waveforms: [{ row: 0, ...expected }],
      reasons: [],
    });
});

test.each([
  ["m,asset=P v=", 25_600],
  ["m,asset=P sample_rate_hz=10,v=", 10],
  ["m,asset=P,sample_rate_hz=20 v=", 20],
])("a source's rate is taken where the line says none: %s", (head, rate) => {
  const { waveforms } = scanner(25_600)(head, arrayBytes([1, 2]), " 7\n");
  expect(waveforms).toEqual([{ row: 0, ...waveform([1, 2], rate) }]);
});

test("beside an array the other fields are readings of their own", () => {
  const scan = scanner();
  expect(scan("m,asset=P sample_rate_hz=9,t=1.5 1\n").readings).toEqual([
    ["sample_rate_hz", 9, undefined],
    ["t", 1.5, undefined],
  ]);
  const line = ["m,asset=P sample_rate_hz=9,t=2.5,a=", arrayBytes([1]), ",b=", arrayBytes([2, 3])];
  const { readings, waveforms } = scan("m,asset=P t=1 1\n", ...line, " 2\n", "m,asset=P t=3 3\n");
  expect(readings.map(([field, value]) => [field, value])).toEqual([
    ["t", 1],
    ["t", 2.5],
    ["a", Number.NaN],
    ["b", Number.NaN],
    ["t", 3],
  ]);
  expect(waveforms).toEqual([
    { row: 2, ...waveform([1], 9) },
    { row: 3, ...waveform([2, 3], 9) },
  ]);
});

test.each([
  ["a negative length", ["m v=", arrayBytes([1, 2], [-1, -2])], "binary field of type 0xe"],
  ["more than there is", ["m v=", arrayBytes([1, 2], [3])], "binary field of type 0xe"],
  ["no length a double holds", ["m v=", arrayBytes([], Array(32).fill(2 ** 31 - 1))], "0xe"],
  ["a rate of nothing", ["m sample_rate_hz=0,v=", arrayBytes([1])], "positive number"],
  ["a rate that is text", ['m sample_rate_hz="9",v=', arrayBytes([1])], "positive number"],
  ["a tag that is no rate", ["m,sample_rate_hz=fast v=", arrayBytes([1])], "positive number"],
  [
    "a number before",
    ["m v=1 1\nm v=", arrayBytes([1])],
    "field v is numeric, the line has waveform",
  ],
  [
    "a number after",
    ["m v=", arrayBytes([1]), " 1\nm v=1"],
    "field v is waveform, the line has numeric",
  ],
  ["a binary number after", ["m v=", arrayBytes([1]), " 1\nm v=", doubleBytes(1)], "is waveform"],
])("refused, and nothing of the body kept: %s", (_name, parts, reason) => {
  const { readings, waveforms, reasons } = scanner()("good,asset=P v=1 1\n", ...parts, " 9\n");
  expect([readings, waveforms]).toEqual([[], []]);
  expect(reasons[0]).toContain(reason);
});

test("an array longer than a line may be is taken up to its own bound, and refused above it", () => {
  const scan = scanner();
  const most = arrayBytes(new Array(WAVEFORM_SAMPLES_MAX).fill(10));
  const { waveforms, reasons } = scan("m v=", most, ",w=", most, " 7\nm x=1 8\n");
  expect(reasons).toEqual([]);
  expect(waveforms.map(({ samples }) => samples.length)).toEqual([1_048_576, 1_048_576]);
  const more = arrayBytes(new Array(WAVEFORM_SAMPLES_MAX + 1).fill(10));
  expect(scan("m v=", more, " 7\n").reasons[0]).toContain("at most 1048576");
});

test("an empty array is no reading", () => {
  const empty = [arrayBytes([], []), arrayBytes([], [0])];
  for (const array of empty)
    expect(scanner()("m,asset=P v=", array, ",t=1 1\n").readings).toEqual([["t", 1, undefined]]);
});

test("the same samples have the same summary; another sample, shape or rate has another", () => {
  const all = [
    waveform([1, 2, 3, 4], 10),
    waveform([1, 2, 3, 5], 10),
    waveform([1, 2, 3, 4], 10.001),
    waveform([1, 2, 3, 4]),
    waveform([1, 2, 3, 4], 10, [2, 2]),
  ].map(summaryOf);
  expect(all[0]).toMatch(/^4 samples at 10 Hz #[0-9a-f]{16}$/);
  expect(new Set(all).size).toBe(all.length);
  expect(summaryOf(waveform([1, 2, 3, 4], 10))).toBe(all[0] ?? "");
});

const scaled = (scale: number, ...unscaled: number[]) =>
  Uint8Array.of(61, 0x17, scale, unscaled.length, ...unscaled);

test.each([
  ["12.50d", 12.5, undefined],
  ["-0.0d", 0, undefined],
  ["0.1d", 0.1, undefined],
  ["1000000000000000000000d", 1e21, undefined],
  ["0.1234567890123456789d", 0.123_456_789_012_345_68, "0.1234567890123456789"],
  ["9007199254740993d", 9_007_199_254_740_992, "9007199254740993"],
  [scaled(2, 0x04, 0xe2), 12.5, undefined],
  [scaled(3, 0xff), -0.001, undefined],
  [
    scaled(1, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    2 ** 64 / 10,
    "1844674407370955161.5",
  ],
  ["9007199254740993i", 9_007_199_254_740_992, "9007199254740993"],
  ["-9223372036854775808i", -(2 ** 63), "-9223372036854775808"],
  ["t", 1, undefined],
  [Uint8Array.of(61, 6, 0), 0, undefined],
])("a number keeps its exact text where a double cannot hold it: %p", (sent, value, text) => {
  const { readings, reasons } = scanner()("m,asset=P v=", sent, " 1\n");
  expect(reasons).toEqual([]);
  expect(readings).toEqual([["v", value, text]]);
});
