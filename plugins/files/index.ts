import { type Batch, type Context, defineInput } from "../../src/plugin-sdk/index.ts";
import { FilesConfig } from "./config.ts";
import { CsvScanner } from "./csv.ts";
import { type Layout, layoutOf } from "./header.ts";
import { readLines } from "./lines.ts";
import { decodePosition, encodePosition } from "./position.ts";
import { createReadingsHandler } from "./readings.ts";
import { openSource, type Source } from "./source.ts";
import { createTableHandler } from "./tables.ts";

const LINES_NAME = /\.(lp|line|influx)(\.gz)?$/i;

/** Reads one file to its end: CSV of assets, sensors, readings or maintenance, or line protocol. */
export const files = defineInput({
  id: "files",
  title: "CSV and line protocol files",
  config: FilesConfig,

  async *read(config, context) {
    const file = await context.openFile(config.file);
    const source = await openSource(file, config.inflatedBytesMax);
    const isLines = config.kind === "auto" ? LINES_NAME.test(file.name) : config.kind === "lines";
    if (isLines) yield* readLines(source, config, context);
    else yield* readRows(source, layoutOf(source, config), config, context);
  },
});

async function* readRows(
  source: Source,
  layout: Layout,
  config: FilesConfig,
  context: Context,
): AsyncGenerator<Batch, void, void> {
  const { kind, columns } = layout;
  const handler =
    kind === "readings" || kind === "lines"
      ? createReadingsHandler(columns, config)
      : createTableHandler(kind, columns, config);
  const start = decodePosition(context.checkpoint) ?? layout;
  const scanner = new CsvScanner(layout.delimiter, start.offset, start.line);
  let position = { offset: start.offset, line: start.line };
  let hasYielded = context.checkpoint !== undefined;
  let isPending = false;
  const batch = (): Batch => {
    hasYielded = true;
    isPending = false;
    return { ...handler.take(), checkpoint: encodePosition(position) };
  };
  /** Takes rows until it is time for a batch, or there are no more for now. */
  const gather = (): boolean => {
    for (let row = scanner.next(); row !== undefined; row = scanner.next()) {
      handler.row(row);
      isPending = true;
      position = { offset: row.nextOffset, line: row.nextLine };
      if (handler.isFull()) return true;
    }
    return false;
  };
  for await (const chunk of source.stream(start.offset)) {
    scanner.feed(chunk);
    while (gather()) {
      yield batch();
      if (context.signal.aborted) return;
    }
  }
  scanner.end();
  while (gather()) {
    yield batch();
    if (context.signal.aborted) return;
  }
  // A file without rows is told too, so that its kind is known.
  if (isPending || !hasYielded) yield batch();
}
