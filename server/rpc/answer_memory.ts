/**
 * Memory that answers hold, of all connections: from when they are read until the system has taken them. Where little is left,
 * fetches bring less, each still one batch: so clients that do not read what they asked for cost a bounded amount.
 */
export class AnswerMemory {
  private used = 0

  constructor(private readonly limitBytes: number) {}

  get usedBytes(): number {
    return this.used
  }

  /** What may still be read. */
  get roomBytes(): number {
    return Math.max(0, this.limitBytes - this.used)
  }

  take(bytes: number): void {
    this.used += bytes
  }

  give(bytes: number): void {
    this.used -= bytes
  }
}
