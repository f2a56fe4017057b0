/** Whoever asks while nothing has been written since shares the sync that is under way; all others share the next one. */
export class SharedSync {
  private current: { readonly target: number; readonly cuts: number; readonly promise: Promise<void> } | undefined
  private next: Promise<void> | undefined

  constructor(
    /** Makes everything below `target` durable. */
    private readonly run: (target: number) => Promise<void>,
    /** What there is now, exclusive. */
    private readonly end: () => number,
    /** How often the end was cut off: what was appended afterwards is other than what stood there. */
    private readonly cuts: () => number,
  ) {}

  /** Resolves when what there is at the call is durable. Rejects as `run` does, and asks for no more after that. */
  request(): Promise<void> {
    if (!this.current) return this.begin()
    if (this.current.target >= this.end() && this.current.cuts === this.cuts()) return this.current.promise
    this.next ??= this.current.promise.then(() => {
      this.next = undefined
      return this.request()
    })
    return this.next
  }

  private begin(): Promise<void> {
    const target = this.end()
    const cuts = this.cuts()
    const promise = this.run(target).finally(() => {
      this.current = undefined
    })
    this.current = { target, cuts, promise }
    return promise
  }
}
