export { Dictionary } from "./dictionary.ts";
export { KeyTable } from "./scan/keys.ts";
export { Rows } from "./scan/rows.ts";
export { type JobRequest, type ScanJob, Scanner, startJob } from "./scan/scanner.ts";
