/**
 * Memory that answers hold, of all connections: from when they are read until the system has taken them. Where little is left,
 * fetches bring less, each still one batch: so clients that do not read what they asked for cost a bounded amount.
 */
/** However little is left, an answer may bring so much. */
const LEAST_BYTES = 64 * 1024

export class AnswerMemory {
  private used = 0

  constructor(private readonly limitBytes: number) {}

  get usedBytes(): number {
    return this.used
  }

  /** What the next answer may bring. */
  get roomBytes(): number {
    return Math.max(LEAST_BYTES, this.limitBytes - this.used)
  }

  take(bytes: number): void {
    this.used += bytes
  }

  give(bytes: number): void {
    this.used -= bytes
  }
}
