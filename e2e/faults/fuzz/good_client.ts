/**
 * The client that did nothing wrong: one connection for the whole run, on which it writes numbered records with acks=all, one after
 * the other, and reads them back. Every answer must come within a limit, and at the end every acknowledged record must be there
 * once and in order.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Api } from '../../../server/protocol/api.ts'
import { decodeResponse, encodeRequest } from '../../../server/protocol/frame.ts'
import { Produce } from '../../../server/protocol/messages/00_produce.ts'
import { Fetch } from '../../../server/protocol/messages/01_fetch.ts'
import { ListOffsets } from '../../../server/protocol/messages/02_list_offsets.ts'
import { Metadata } from '../../../server/protocol/messages/03_metadata.ts'
import { ApiVersions } from '../../../server/protocol/messages/18_api_versions.ts'
import { CreateTopics } from '../../../server/protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../../../server/protocol/messages/20_delete_topics.ts'
import type { Fields, Infer, Input, Message } from '../../../server/protocol/schema.ts'
import { batches, iterateRecords } from '../../../server/records/batch.ts'
import { buildBatch } from '../../../server/records/build_batch.ts'
import { Link } from './link.ts'

export const GOOD_TOPIC = 'good'
/** A request of a client that behaves may wait so long behind others that do not. */
export const PATIENCE_MS = 8_000

export class GoodClient {
  readonly findings: string[] = []
  slowestMs = 0
  private correlationId = 0
  private acked = 0
  private running = true
  private loop: Promise<void> | undefined

  private constructor(private readonly link: Link) {}

  static async connect(bootstrap: string): Promise<GoodClient> {
    return new GoodClient(await Link.open(bootstrap))
  }

  async ask<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    body: Input<Message<Q>>,
  ): Promise<Infer<Message<S>>> {
    const id = ++this.correlationId
    const startedAt = performance.now()
    this.link.frames.length = 0
    this.link.write(Buffer.concat(encodeRequest(api, version, id, 'good', body)))
    const came = await this.link.has(1, PATIENCE_MS)
    this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt)
    if (!came) {
      const why = this.link.isClosed ? 'was closed' : `had no answer to ${api.name} within ${PATIENCE_MS} ms`
      throw new Error(`the connection of the client that behaves ${why}`)
    }
    const { correlationId, body: answer } = decodeResponse(api, version, this.link.frames[0]!)
    if (correlationId !== id) throw new Error(`the client that behaves got answer ${correlationId} to request ${id}`)
    return answer
  }

  apiVersions = () => this.ask(ApiVersions, 0, {})

  /** With one partition each, but for those that are there. */
  async createTopics(topics: readonly { name: string; partitions: number }[]): Promise<void> {
    const wanted = topics.map(({ name, partitions }) => ({
      name,
      numPartitions: partitions,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }))
    await this.ask(CreateTopics, 5, { topics: wanted, timeoutMs: 5_000 })
  }

  async topics(): Promise<{ name: string; topicId: string; partitions: number[] }[]> {
    const { topics } = await this.ask(Metadata, 12, { topics: null, allowAutoTopicCreation: false })
    return topics.map((t) => ({
      name: t.name!,
      topicId: t.topicId,
      partitions: t.partitions.map((p) => p.partitionIndex),
    }))
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    for (let at = 0; at < names.length; at += 50)
      await this.ask(DeleteTopics, 5, { topicNames: names.slice(at, at + 50), timeoutMs: 5_000 })
  }

  /** Writes until `stop`, `perSecond` at most. */
  begin(perSecond: number): void {
    this.loop = this.writeAll(perSecond).catch((error) => void this.findings.push(error.message))
  }

  /** Ends the writing, then reads everything back. */
  async stop(): Promise<{ acked: number }> {
    this.running = false
    await this.loop
    if (this.findings.length === 0) await this.readAll().catch((error) => void this.findings.push(error.message))
    return { acked: this.acked }
  }

  close(): void {
    this.link.destroy()
  }

  private async writeAll(perSecond: number): Promise<void> {
    while (this.running) {
      const records = buildBatch([{ key: null, value: Buffer.from(String(this.acked)) }], { timestamp: Date.now() })
      const answer = await this.ask(Produce, 9, {
        acks: -1,
        timeoutMs: PATIENCE_MS,
        topicData: [{ name: GOOD_TOPIC, partitionData: [{ index: 0, records }] }],
      })
      const { errorCode, baseOffset } = answer.responses[0]!.partitionResponses[0]!
      if (errorCode !== 0)
        throw new Error(`the record ${this.acked} of the client that behaves got the error ${errorCode}`)
      if (baseOffset !== this.acked)
        throw new Error(`the record ${this.acked} of the client that behaves got the offset ${baseOffset}`)
      this.acked++
      await sleep(1000 / perSecond)
    }
  }

  private async readAll(): Promise<void> {
    let next = 0
    for (const value of await this.read(GOOD_TOPIC, 0)) {
      if (value !== String(next)) throw new Error(`where the record ${next} was acknowledged there is ${value}`)
      next++
    }
    if (next !== this.acked) throw new Error(`of ${this.acked} acknowledged records ${next} can be read`)
  }

  /** The values of all records that the partition holds; throws where a batch cannot be read. */
  async read(topic: string, partition: number): Promise<string[]> {
    const edge = async (timestamp: number) => {
      const answer = await this.ask(ListOffsets, 4, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }],
      })
      const { errorCode, offset } = answer.topics[0]!.partitions[0]!
      if (errorCode !== 0)
        throw new Error(`the offsets of ${topic}-${partition} cannot be asked for: error ${errorCode}`)
      return offset
    }
    const values: string[] = []
    const end = await edge(-1)
    for (let offset = await edge(-2); offset < end; ) {
      const answer = await this.ask(Fetch, 11, {
        replicaId: -1,
        maxWaitMs: 100,
        minBytes: 1,
        maxBytes: 1 << 22,
        isolationLevel: 0,
        sessionId: 0,
        sessionEpoch: -1,
        topics: [
          {
            topic,
            partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: 1 << 22, currentLeaderEpoch: -1 }],
          },
        ],
        forgottenTopicsData: [],
      })
      const read = answer.responses[0]!.partitions[0]!
      if (read.errorCode !== 0)
        throw new Error(`${topic}-${partition} cannot be read at ${offset}: error ${read.errorCode}`)
      const bytes = Array.isArray(read.records)
        ? Buffer.concat(read.records as Buffer[])
        : (read.records as Buffer | null)
      const from = offset
      for (const batch of batches(bytes ?? Buffer.alloc(0))) {
        if (!batch.isValid)
          throw new Error(`${topic}-${partition} has a batch with a wrong checksum at ${batch.baseOffset}`)
        for (const record of iterateRecords(batch)) if (record.offset >= from) values.push(String(record.value))
        offset = batch.baseOffset + batch.lastOffsetDelta + 1
      }
      if (offset === from) throw new Error(`${topic}-${partition} ends at ${end} but gives nothing at ${offset}`)
    }
    return values
  }
}
