/**
 * Writes at every station of a folder's way what any broker takes, and goes on where it left off at the one before: it knows what
 * must be there, and what the broker must remember.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode as codes, errorOf } from '../../server/protocol/errors.ts'
import { DeleteRecords } from '../../server/protocol/messages/21_delete_records.ts'
import { InitProducerId } from '../../server/protocol/messages/22_init_producer_id.ts'
import { AlterClientQuotas } from '../../server/protocol/messages/49_alter_client_quotas.ts'
import { iterateRecords } from '../../server/records/batch.ts'
import { buildBatch, type RecordToWrite } from '../../server/records/build_batch.ts'
import type { CodecName } from '../../server/records/compression.ts'
import { type Broker, check } from './broker.ts'
import { GroupMembers } from './group_members.ts'
import { fetchAll, type Inventory } from './inventory.ts'
import { createTopic, deleteTopic, produce, produceBytes, setConfigs, succeeds } from './writing.ts'

const CODECS: CodecName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
/** So many batches of 16 KiB make three segments of the least size that Kafka allows. */
const LARGE_BATCHES = 150

const resource = { topic: 2, broker: 4, clientMetrics: 16, group: 32 }

/** Says whether something is as it must be. */
export type Check = (ok: boolean, title: string, why?: string) => void

export class Author {
  /** Values in the order in which they must be there, by partition. */
  private readonly written = new Map<string, string[]>()
  private readonly idempotent = { producerId: -1, epoch: 0, sequence: 0, last: Buffer.alloc(0), lastOffset: -1 }
  private readonly producerIds = new Set<number>()
  private readonly members = new GroupMembers()
  private stations = 0

  constructor(private readonly check: Check) {}

  /** `name`: of the station, to be found in what it has written. */
  async write(broker: Broker, name: string): Promise<void> {
    const first = this.stations++ === 0
    if (first) await this.prepare(broker)
    await this.plain(broker, name)
    await this.idempotence(broker, name, first)
    await this.cut(broker)
    await this.compacted(broker, name)
    await createTopic(broker, `gone-${name}`)
    await produce(broker, { topic: `gone-${name}` }, [record('gone')])
    await deleteTopic(broker, `gone-${name}`)
    await createTopic(broker, `made-by-${name}`, { partitions: 3, configs: { 'retention.ms': '86400000' } })
    await setConfigs(broker, resource.topic, 'plain', { 'max.message.bytes': String(2_000_000 + this.stations) })
    await setConfigs(broker, resource.broker, '1', { 'log.cleaner.threads': String(1 + (this.stations % 2)) })
    await setConfigs(broker, resource.broker, '', { 'message.max.bytes': String(1_100_000 + this.stations) })
    await this.quota(broker)
    await this.members.commit(broker, name, (title, ok, why) => this.check(ok, title, why))
  }

  private async prepare(broker: Broker): Promise<void> {
    await createTopic(broker, 'plain', { partitions: 2 })
    await createTopic(broker, 'large', { configs: { 'segment.bytes': '1048576', 'index.interval.bytes': '1024' } })
    await createTopic(broker, 'cut', { configs: { 'segment.bytes': '1048576' } })
    await createTopic(broker, 'stamped', { configs: { 'message.timestamp.type': 'LogAppendTime' } })
    await createTopic(broker, 'idempotent')
    await createTopic(broker, 'compacted', {
      configs: {
        'cleanup.policy': 'compact',
        'segment.ms': '50',
        'min.cleanable.dirty.ratio': '0.01',
        'delete.retention.ms': '60000',
      },
    })
    await setConfigs(broker, resource.group, 'modern', { 'consumer.session.timeout.ms': '60000' })
    await setConfigs(broker, resource.clientMetrics, 'watched', {
      'interval.ms': '60000',
      metrics: 'org.apache.kafka.',
    })
    for (let i = 0; i < LARGE_BATCHES; i++) await this.batch(broker, 'large', 'first', 1, { bytes: 16_000 })
  }

  private async plain(broker: Broker, name: string): Promise<void> {
    for (let i = 0; i < 20; i++) {
      const codec = CODECS[i % CODECS.length]!
      await this.batch(broker, 'plain', name, 1 + (i % 7), { codec, index: i % 2, minutesAgo: 20 - i })
      await this.batch(broker, 'stamped', name, 2, { codec })
    }
    const odd: RecordToWrite[] = [
      { key: null, value: null },
      { key: Buffer.alloc(0), value: Buffer.alloc(0) },
      {
        key: Buffer.from('ключ'),
        value: Buffer.from([0, 255, 10]),
        headers: [header('a', null), header('a', '2'), header('', '')],
      },
    ]
    await produce(broker, { topic: 'plain' }, odd)
    this.expect('plain-0', ...odd.map((r) => String(r.value)))
  }

  /** `records` records of `bytes` bytes. */
  private async batch(
    broker: Broker,
    topic: string,
    name: string,
    records: number,
    o: { codec?: CodecName; index?: number; bytes?: number; minutesAgo?: number } = {},
  ): Promise<void> {
    const { codec = 'none', index = 0, bytes = 0, minutesAgo = 0 } = o
    const timestamp = Date.now() - minutesAgo * 60_000
    const key = `${topic}-${index}`
    const from = this.written.get(key)?.length ?? 0
    const all = Array.from({ length: records }, (_, i) => record(`${name} ${from + i} ${'.'.repeat(bytes)}`))
    await produce(
      broker,
      { topic, index },
      all.map((r, i) => ({ ...r, timestamp: timestamp + i })),
      { codec },
    )
    this.expect(key, ...all.map((r) => String(r.value)))
  }

  private expect(partition: string, ...values: string[]): void {
    this.written.set(partition, [...(this.written.get(partition) ?? []), ...values])
  }

  /** What a producer had written before counts: repeated it is known, with a gap it is refused, and its next batch is taken. */
  private async idempotence(broker: Broker, name: string, first: boolean): Promise<void> {
    const state = this.idempotent
    const to = { topic: 'idempotent' }
    const init = () => broker.ask(InitProducerId, 4, { transactionalId: null, transactionTimeoutMs: 0 })
    const { producerId, producerEpoch } = await succeeds(init, (a) => a.errorCode, 'InitProducerId')
    if (first) {
      Object.assign(state, { producerId, epoch: producerEpoch })
    } else {
      this.check(!this.producerIds.has(producerId), `${name} gives no producer id twice`, String(producerId))
      const again = await produceBytes(broker, to, Buffer.from(state.last))
      this.check(
        again.errorCode === 0 && again.baseOffset === state.lastOffset,
        `${name} knows a producer's last batch again`,
        `${errorOf(again.errorCode)} at ${again.baseOffset}, not ${state.lastOffset}`,
      )
      const gap = await produceBytes(broker, to, this.next(['never'], 5))
      this.check(
        gap.errorCode === codes.OUT_OF_ORDER_SEQUENCE_NUMBER,
        `${name} refuses a gap in a producer's sequence`,
        errorOf(gap.errorCode),
      )
    }
    for (let i = 0; i < 7; i++) {
      const values = [`${name} a${i}`, `${name} b${i}`]
      const bytes = this.next(values)
      const { errorCode, baseOffset } = await produceBytes(broker, to, Buffer.from(bytes))
      check(errorCode, `${name}: the producer's next batch`)
      Object.assign(state, { last: bytes, lastOffset: baseOffset, sequence: state.sequence + values.length })
      this.expect('idempotent-0', ...values)
    }
    this.producerIds.add(producerId)
  }

  private next(values: string[], gap = 0): Buffer {
    const { producerId, epoch, sequence } = this.idempotent
    const options = { timestamp: Date.now(), producerId, producerEpoch: epoch, baseSequence: sequence + gap }
    return buildBatch(values.map(record), options)
  }

  /** The log's start is moved into the middle of a batch. */
  private async cut(broker: Broker): Promise<void> {
    let offset = 0
    const from = Date.now()
    for (let i = 0; i < 3; i++) {
      const records = Array.from({ length: 10 }, (_, n) => ({ ...record(`${n}`), timestamp: from + 10 * i + n }))
      offset = await produce(broker, { topic: 'cut' }, records)
    }
    const answer = await broker.ask(DeleteRecords, 2, {
      topics: [{ name: 'cut', partitions: [{ partitionIndex: 0, offset: offset - 7 }] }],
      timeoutMs: 20_000,
    })
    check(answer.topics[0]!.partitions[0]!.errorCode, 'DeleteRecords')
  }

  private async compacted(broker: Broker, name: string): Promise<void> {
    const keys = (n: number, value: string | null) =>
      Array.from({ length: n }, (_, i) => ({
        key: Buffer.from(`k${i}`),
        value: value === null ? null : Buffer.from(value),
      }))
    for (let i = 0; i < 4; i++) await produce(broker, { topic: 'compacted' }, keys(20, `${name} ${i}`))
    await produce(broker, { topic: 'compacted' }, keys(3, null))
    // the next one begins a segment, and only what is not in the last one is compacted
    await sleep(60)
    await produce(broker, { topic: 'compacted' }, [{ key: Buffer.from(name), value: Buffer.from('last') }])
  }

  private async quota(broker: Broker): Promise<void> {
    if (!broker.offers(AlterClientQuotas)) return
    const answer = await broker.ask(AlterClientQuotas, 1, {
      entries: [
        {
          entity: [{ entityType: 'client-id', entityName: `metered-${this.stations}` }],
          ops: [{ key: 'producer_byte_rate', value: 1e9 + this.stations, remove: false }],
        },
      ],
      validateOnly: false,
    })
    check(answer.entries[0]!.errorCode, 'AlterClientQuotas')
  }

  /** Every record of every station is there once and in order. */
  async judge(broker: Broker, seen: Inventory): Promise<void> {
    for (const [partition, expected] of this.written) {
      const [topic, index] = partition.split('-') as [string, string]
      const end = Number(seen.facts.get(`end of ${partition}`))
      const values: string[] = []
      for (const batch of await fetchAll(broker, { topic, index: Number(index), start: 0, end })) {
        for (const r of iterateRecords(batch)) values.push(String(r.value))
      }
      const wrong = expected.findIndex((value, i) => values[i] !== value)
      this.check(
        wrong === -1 && values.length === expected.length,
        `${partition} holds every record of ${this.stations} stations once and in order`,
        wrong === -1
          ? `${values.length}, not ${expected.length}`
          : `at ${wrong} is ${values[wrong]}, not ${expected[wrong]}`,
      )
    }
  }
}

const record = (value: string): RecordToWrite => ({ key: Buffer.from(`k${value.length}`), value: Buffer.from(value) })
const header = (key: string, value: string | null) => ({ key, value: value === null ? null : Buffer.from(value) })
