/**
 * Bytes that all connections of a listener hold together. Over the limit nobody reads on; reading goes
 * on below half of it, so that it does not begin and end with every batch.
 */
export class ByteBudget {
  held = 0;
  isOver = false;
  private readonly limit: number;
  private readonly onChange: (isOver: boolean) => void;

  constructor(limit: number, onChange: (isOver: boolean) => void) {
    this.limit = limit;
    this.onChange = onChange;
  }

  take(bytes: number): void {
    this.held += bytes;
    if (!this.isOver && this.held > this.limit) this.turn(true);
  }

  giveBack(bytes: number): void {
    this.held -= bytes;
    if (this.isOver && this.held <= this.limit / 2) this.turn(false);
  }

  private turn(isOver: boolean): void {
    this.isOver = isOver;
    this.onChange(isOver);
  }
}
