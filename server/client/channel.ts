/** Hands values from several writers to one reader; a writer waits until what was put before it has been taken. */
export class Channel<T> {
  private readonly values: T[] = []
  private readonly writers: (() => void)[] = []
  private reader: (() => void) | undefined
  private ended = false
  private error: unknown

  /** Resolves at once while nothing else waits to be taken. Values put after the end are dropped. */
  async put(value: T): Promise<void> {
    if (this.ended) return
    this.values.push(value)
    this.reader?.()
    if (this.values.length > 1) await new Promise<void>((resolve) => this.writers.push(resolve))
  }

  /** The next value; undefined after the end, or the error it ended with. */
  async take(): Promise<T | undefined> {
    for (;;) {
      const value = this.values.shift()
      if (value !== undefined) {
        this.writers.shift()?.()
        return value
      }
      if (this.ended) {
        if (this.error !== undefined) throw this.error
        return undefined
      }
      await new Promise<void>((resolve) => {
        this.reader = resolve
      })
      this.reader = undefined
    }
  }

  /** What was put before can still be taken. */
  end(error?: unknown): void {
    if (this.ended) return
    this.ended = true
    this.error = error
    this.reader?.()
    for (const resolve of this.writers.splice(0)) resolve()
  }
}
