/** Whoever asks while nothing has been written since shares the sync that is under way; all others share the next one. */
export class SharedSync {
  private current: { readonly target: number; readonly promise: Promise<void> } | undefined
  private next: Promise<void> | undefined

  constructor(
    /** Makes everything below `target` durable. */
    private readonly run: (target: number) => Promise<void>,
    /** What there is now, exclusive. */
    private readonly end: () => number,
  ) {}

  /** Resolves when what there is at the call is durable. Rejects as `run` does, and asks for no more after that. */
  request(): Promise<void> {
    if (!this.current) return this.begin()
    if (this.current.target >= this.end()) return this.current.promise
    this.next ??= this.current.promise.then(() => {
      this.next = undefined
      return this.request()
    })
    return this.next
  }

  private begin(): Promise<void> {
    const target = this.end()
    const promise = this.run(target).finally(() => {
      this.current = undefined
    })
    this.current = { target, promise }
    return promise
  }
}
