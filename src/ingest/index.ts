export { Dictionary } from "./dictionary.ts";
export { type LineOutcome, type PreviewedReading, previewLine } from "./line-preview.ts";
export { KeyTable } from "./scan/keys.ts";
export { Rows } from "./scan/rows.ts";
export { type JobRequest, type ScanJob, Scanner, startJob } from "./scan/scanner.ts";
export { lineHead, lineValue } from "./write-line.ts";
