/** Hands out producer ids from blocks that the controller grants: no id is ever given twice, whatever crashes. */
export interface ProducerIdBlock {
  readonly firstProducerId: number
  readonly length: number
}

export class ProducerIds {
  private next = 0
  private end = 0
  private asked: Promise<void> | undefined

  constructor(private readonly allocate: () => Promise<ProducerIdBlock>) {}

  async take(): Promise<number> {
    while (this.next >= this.end) await this.refill()
    return this.next++
  }

  /** Everyone who waits at the same time shares one block. */
  private refill(): Promise<void> {
    this.asked ??= this.allocate()
      .then(({ firstProducerId, length }) => {
        this.next = firstProducerId
        this.end = firstProducerId + length
      })
      .finally(() => {
        this.asked = undefined
      })
    return this.asked
  }
}
