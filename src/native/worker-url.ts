import { embedded } from "./embedded.ts";

/**
 * What `new Worker` is given for an entry point of this program, a path below the repository such as
 * "src/store.ts". Inside the binary entry points lie under a root of its own, so that nothing in the
 * folder it is started from is ever run.
 */
export function workerUrl(entryPoint: string): string {
  if (embedded.parts) return `/$bunfs/root/${entryPoint.replace(/\.ts$/, ".js")}`;
  return new URL(`../../${entryPoint}`, import.meta.url).href;
}
