/**
 * A bound on bytes that is shared by whoever uses them, so that nobody can take it all. A holder may grow to
 * what is still free (dynamic thresholds: Choudhury and Hahne, 1998): alone it gets half, n that want all get
 * 1/(n+1) each, and something is always left for one that comes new.
 */
export class FairShare {
  totalBytes = 0;
  private readonly held = new Map<number, number>();
  private readonly maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /**
   * Takes bytes for a holder; false when it holds as much as it may. One request may be larger than the
   * whole bound when nothing else is held.
   */
  take(holder: number, bytes: number): boolean {
    const held = this.heldBy(holder);
    if (this.totalBytes > 0 && held + bytes > this.maxBytes - this.totalBytes) return false;
    this.totalBytes += bytes;
    this.held.set(holder, held + bytes);
    return true;
  }

  /** Gives back what `take` took. */
  give(holder: number, bytes: number): void {
    this.totalBytes -= bytes;
    const left = this.heldBy(holder) - bytes;
    if (left > 0) this.held.set(holder, left);
    else this.held.delete(holder);
  }

  heldBy(holder: number): number {
    return this.held.get(holder) ?? 0;
  }
}
