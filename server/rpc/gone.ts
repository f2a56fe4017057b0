/** That a client is gone, for those who wait on its behalf: what an AbortSignal does, with a hundredth of its memory. */
export class Gone {
  over = false
  /** By this node's own doing, as a connection that was silent for too long: whoever was there may well live. */
  closedHere = false
  /** Mostly one, and none while no request waits. */
  private first: (() => void) | undefined
  private others: (() => void)[] | undefined

  /** `fn` is called once, when it is over. It must not be over yet. */
  watch(fn: () => void): void {
    if (this.first === undefined) this.first = fn
    else (this.others ??= []).push(fn)
  }

  unwatch(fn: () => void): void {
    if (this.first === fn) this.first = this.others?.pop()
    else this.others = this.others?.filter((other) => other !== fn)
  }

  tell(): void {
    this.over = true
    const all = [this.first, ...(this.others ?? [])]
    this.first = undefined
    this.others = undefined
    for (const fn of all) fn?.()
  }
}
