/** Bytes that all requests together may hold: bodies on their way in, answers on their way out. */
export class Budget {
  private taken = 0

  constructor(readonly limitBytes: number) {}

  get usedBytes(): number {
    return this.taken
  }

  /** False, and nothing taken, if there is not so much left. */
  take(bytes: number): boolean {
    if (this.taken + bytes > this.limitBytes) return false
    this.taken += bytes
    return true
  }

  /** Takes in any case: for what cannot be refused any more, such as answers. */
  force(bytes: number): void {
    this.taken += bytes
  }

  release(bytes: number): void {
    this.taken -= bytes
  }

  get exhausted(): boolean {
    return this.taken >= this.limitBytes
  }
}
