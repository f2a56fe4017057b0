/** A queue whose elements can be looked at by their place; both ends in constant time. */
export class Fifo<T> {
  private items: (T | undefined)[] = []
  private head = 0

  get length(): number {
    return this.items.length - this.head
  }

  /** 0 is the oldest. The caller knows that it is there. */
  at(i: number): T {
    return this.items[this.head + i]!
  }

  push(x: T): void {
    this.items.push(x)
  }

  shift(): T | undefined {
    if (this.head === this.items.length) return undefined
    const x = this.items[this.head]
    this.items[this.head++] = undefined
    if (this.head === this.items.length) {
      this.items = []
      this.head = 0
    } else if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
    return x
  }
}
