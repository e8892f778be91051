export { type CsvWay, type CsvWishes, csvWayOf } from "./csv-head.ts";
export { FORMATS, type Format, formatByHead, formatByName } from "./formats.ts";
export { importFile } from "./import-file.ts";
export { type LentFile, lendFile } from "./open-file.ts";
export { openParquet, type Query } from "./parquet.ts";
export { type BadRow, type FileReader, fileLineIn, type Part } from "./part.ts";
export { openRejects, type Rejects } from "./rejects.ts";
export { countsText, progressText } from "./report.ts";
export { createSender, type Sender } from "./send.ts";
export {
  type Counts,
  decodeState,
  encodeState,
  type FileIdentity,
  type FileState,
  NO_COUNTS,
  stateKey,
} from "./state.ts";
export { findFiles } from "./walk.ts";
