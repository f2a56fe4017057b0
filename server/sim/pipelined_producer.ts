/**
 * An idempotent producer as librdkafka and the Java client are: up to five batches of one partition on their way at once. When
 * one fails, or the connection does, everything unanswered is sent again in its order, with the sequence numbers it had.
 */
import type { Client } from '../client/client.ts'
import type { SimRandom } from '../env/sim_random.ts'
import { errorCode, errorOf, KafkaError } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { InitProducerId } from '../protocol/messages/22_init_producer_id.ts'
import { buildBatch } from '../records/build_batch.ts'
import { COMPACTED, type History, keyOf } from './history.ts'

export interface PipelinedOptions {
  readonly client: Client
  readonly name: string
  readonly topic: string
  readonly partition: number
  readonly history: History
  readonly random: SimRandom
  readonly nowMs: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly finishing: () => boolean
}

interface Batch {
  readonly values: readonly string[]
  readonly baseSequence: number
}

const IN_FLIGHT = 5
/** So often in a row is no accident of what was on the way. */
const PATIENCE = 10
/** From version 13 on topics go by id. */
const PRODUCE_VERSION = 12

export class PipelinedProducer {
  private producerId = -1
  private number = 0
  private sequence = 0
  private outOfOrder = 0
  /** Oldest first; the first five may be on their way. */
  private unanswered: Batch[] = []
  private readonly at: string

  constructor(private readonly o: PipelinedOptions) {
    this.at = `${o.topic}/${o.partition}`
  }

  async run(): Promise<void> {
    const { client, sleep, finishing, random } = this.o
    while (!finishing() || this.unanswered.length > 0) {
      try {
        if (this.producerId < 0) await this.identify()
        await this.sendAll()
        this.outOfOrder = 0
      } catch (e) {
        if (!(e instanceof KafkaError)) throw e
        client.cluster.learnFrom(e)
        client.cluster.metadata.forget(this.o.topic)
        if (e.error === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && ++this.outOfOrder === PATIENCE) this.giveUp(e.error)
      }
      await sleep(1 + random.int(10))
    }
  }

  private async identify(): Promise<void> {
    const { client, history } = this.o
    const request = { transactionalId: null, transactionTimeoutMs: 0 }
    const answer = await client.cluster.request('any', InitProducerId, request)
    if (answer.errorCode !== errorCode.NONE) throw new KafkaError(errorOf(answer.errorCode))
    this.producerId = answer.producerId
    history.add({ kind: 'producer id', id: this.producerId })
  }

  /** Does not send again what may have been written: it begins anew with what comes next. */
  private giveUp(error: string): void {
    const { name: producer, history } = this.o
    for (const { values } of this.unanswered) {
      for (const value of values) history.add({ kind: 'refused', producer, at: this.at, value, error })
    }
    this.unanswered = []
    this.producerId = -1
    this.sequence = 0
    this.outOfOrder = 0
  }

  /** Sends what there is in one go; settles when all of it is answered. Throws the first failure. */
  private async sendAll(): Promise<void> {
    const { client, topic, partition, random, finishing } = this.o
    const wanted = random.between(1, IN_FLIGHT)
    while (this.unanswered.length < wanted && !finishing()) this.unanswered.push(this.next())
    const connection = await client.cluster.node(await client.cluster.leader(topic, partition), 'pipelined')
    const answers = this.unanswered.slice(0, IN_FLIGHT).map(async (batch) => {
      const request = {
        transactionalId: null,
        acks: -1,
        timeoutMs: 5_000,
        topicData: [{ name: topic, partitionData: [{ index: partition, records: this.encoded(batch) }] }],
      }
      const response = await connection.send(Produce, request, { minVersion: 3, maxVersion: PRODUCE_VERSION })
      this.answered(batch, response.responses[0]!.partitionResponses[0]!)
    })
    for (const outcome of await Promise.allSettled(answers)) if (outcome.status === 'rejected') throw outcome.reason
  }

  private answered(batch: Batch, answer: { errorCode: number; baseOffset: number }): void {
    const { name: producer, history } = this.o
    const isDuplicate = answer.errorCode === errorCode.DUPLICATE_SEQUENCE_NUMBER
    if (answer.errorCode !== errorCode.NONE && !isDuplicate) throw new KafkaError(errorOf(answer.errorCode))
    const offset = isDuplicate || answer.baseOffset < 0 ? null : answer.baseOffset
    this.unanswered = this.unanswered.filter((b) => b !== batch)
    for (const [i, value] of batch.values.entries()) {
      history.add({
        kind: 'acknowledged',
        producer,
        at: this.at,
        value,
        offset: offset === null ? null : offset + i,
        durable: true,
      })
    }
  }

  private next(): Batch {
    const { name: producer, history, random } = this.o
    const values = Array.from({ length: random.between(1, 4) }, () => `${producer}-${this.number++}`)
    for (const value of values) history.add({ kind: 'sent', producer, at: this.at, value })
    const batch = { values, baseSequence: this.sequence }
    this.sequence += values.length
    return batch
  }

  private encoded({ values, baseSequence }: Batch): Buffer {
    const keyed = this.o.topic === COMPACTED
    const records = values.map((value) => ({
      key: keyed ? Buffer.from(keyOf(value)) : null,
      value: Buffer.from(value),
    }))
    return buildBatch(records, {
      timestamp: this.o.nowMs(),
      producerId: this.producerId,
      producerEpoch: 0,
      baseSequence,
    })
  }
}
