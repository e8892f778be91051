/** A queue that serves its holders in turn: first in, first out for each of them. */
export class RoundRobin<T> {
  length = 0;
  private readonly lines = new Map<number, T[]>();
  /** Holders with something in the queue, the next one first. */
  private turns: number[] = [];
  /** Where in `turns` the next one is. */
  private at = 0;

  push(holder: number, item: T): void {
    this.length++;
    const line = this.lines.get(holder);
    if (line !== undefined) {
      line.push(item);
      return;
    }
    this.lines.set(holder, [item]);
    this.turns.push(holder);
  }

  /** The next item of the holder whose turn it is. */
  shift(): T | undefined {
    const holder = this.turns[this.at];
    if (holder === undefined) return undefined;
    const line = this.lines.get(holder);
    const item = line?.shift();
    this.length--;
    this.at++;
    if (line === undefined || line.length === 0) this.lines.delete(holder);
    else this.turns.push(holder);
    // Turns that were taken are cut off now and then, not each time.
    if (this.at >= 1_024 || this.at === this.turns.length) {
      this.turns = this.turns.slice(this.at);
      this.at = 0;
    }
    return item;
  }

  /** Takes all that is in the queue. */
  takeAll(): T[] {
    const taken: T[] = [];
    for (let item = this.shift(); item !== undefined; item = this.shift()) taken.push(item);
    return taken;
  }
}
