import { join } from "node:path";
import { reasonOf } from "../domain/error.ts";
import type { LogDeps } from "./index.ts";
import { packedName, type Segment } from "./segments.ts";

/**
 * Replaces closed segments by their packed form, one at a time, oldest first. The packed file is written
 * under another name and flushed, then renamed; only when that is durable the plain one is removed. Of a
 * kill in between the next start finds the plain one, and begins again.
 */
export class Packer {
  private readonly deps: LogDeps;
  private readonly closed: () => readonly Segment[];
  private running: Promise<void> | undefined;
  private isStopped = false;
  /** Segments that could not be packed are left as they are until the next start. */
  private readonly failed = new Set<number>();

  /** @param closed segments that may be packed, oldest first */
  constructor(deps: LogDeps, closed: () => readonly Segment[]) {
    this.deps = deps;
    this.closed = closed;
  }

  /** Begins with the oldest plain segment, unless one is being packed. */
  next(): void {
    const { pack } = this.deps;
    if (pack === undefined || this.running !== undefined || this.isStopped) return;
    const segment = this.closed().find(
      ({ form, firstSequence, sizeBytes }) =>
        form === "plain" && sizeBytes > 0 && !this.failed.has(firstSequence),
    );
    if (segment === undefined) return;
    this.running = this.pack(segment, pack).finally(() => {
      this.running = undefined;
      this.next();
    });
  }

  async settled(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  stop(): void {
    this.isStopped = true;
  }

  private async pack(segment: Segment, pack: NonNullable<LogDeps["pack"]>): Promise<void> {
    const { folder, disk, logger } = this.deps;
    const from = join(folder, segment.name);
    const name = packedName(segment);
    const fresh = join(folder, `${name}.new`);
    try {
      const { fileBytes } = await pack({ from, fromBytes: segment.sizeBytes, to: fresh });
      if (this.isStopped || !this.closed().includes(segment)) {
        disk.remove(fresh); // deleted meanwhile, since nobody needed it any more
        return;
      }
      disk.rename(fresh, join(folder, name));
      disk.syncFolder(folder);
      segment.name = name;
      segment.form = "packed";
      segment.sizeBytes = fileBytes;
      disk.remove(from);
    } catch (error) {
      if (!this.closed().includes(segment)) return; // deleted meanwhile: there is nothing to pack
      this.failed.add(segment.firstSequence);
      logger.warn(`log: ${segment.name} stays as it is: ${reasonOf(error)}`);
    }
  }
}
