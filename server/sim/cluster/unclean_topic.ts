/**
 * Topics with unclean elections, which promise no record: they are written with acks=1, cut from below, deleted and made again, while
 * everything else goes wrong. What is asked of them is that they serve on, that nobody throws, and that in the end all replicas are equal.
 */
import type { Client } from '../../client/client.ts'
import type { Clock } from '../../env/env.ts'
import type { SimRandom } from '../../env/sim_random.ts'
import { KafkaError } from '../../protocol/errors.ts'

/** Their names begin so. */
export const UNCLEAN = 'unclean'

export class UncleanTopics {
  private finishing = false
  private made = 0
  private readonly running: Promise<void>

  constructor(
    private readonly client: Client,
    private readonly clock: Clock,
    private readonly random: SimRandom,
  ) {
    this.running = this.run()
  }

  /** Resolves when nobody writes any more. */
  finish(): Promise<void> {
    this.finishing = true
    return this.running
  }

  private async run(): Promise<void> {
    const { client, random } = this
    const producer = client.producer({ acks: 1, deliveryTimeoutMs: 1_000 })
    while (!this.finishing) {
      const topic = `${UNCLEAN}-${++this.made}`
      await this.attempt(() => this.create(topic))
      for (let n = random.between(20, 400); n > 0 && !this.finishing; n--) {
        const value = Buffer.alloc(random.int(600), 0x75)
        void this.attempt(() => producer.send({ topic, partition: random.int(2), key: null, value }))
        if (random.chance(0.05)) await this.attempt(() => this.deleteRecords(topic))
        await this.sleep(random.int(30))
      }
      if (!this.finishing) await this.attempt(() => client.admin.deleteTopics([topic]))
    }
    await producer.close()
  }

  private create(name: string) {
    const configs = {
      'unclean.leader.election.enable': 'true',
      'min.insync.replicas': '1',
      'internal.segment.bytes': '1500',
      'file.delete.delay.ms': '50',
      'retention.bytes': this.random.pick(['4000', '100000']),
    }
    return this.client.admin.createTopics([{ name, partitions: 2, replicationFactor: 3, configs }])
  }

  private async deleteRecords(topic: string): Promise<void> {
    const partition = this.random.int(2)
    const [latest] = await this.client.admin.listOffsets([{ topic, partition, at: 'latest' }])
    const offset = this.random.int((latest?.offset ?? 0) + 1)
    await this.client.admin.deleteRecords([{ topic, partition, offset }])
  }

  private async attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(ms, resolve))
  }
}
