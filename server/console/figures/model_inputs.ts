/** The live cluster's figures for the inputs of the documents' formulas, and what was measured in the same window. */
import type { Client } from '../../client/client.ts'
import type { Actor, AuditLog } from '../audit.ts'
import type { ClusterConnection } from '../cluster/connection.ts'
import type { InputName } from '../models/inputs.ts'
import type { ModelsService } from '../service.ts'
import { CLUSTER } from '../shapes/metric.ts'
import type { Measured, ModelInputs, ModelInputsInput, ProbeInput, ProbeState } from '../shapes/model.ts'
import { isInternal } from '../topics/list.ts'
import { PROBE_TOPIC, type Probe } from './probe.ts'
import type { Sampler } from './sampler.ts'

type Input = ModelInputs['inputs'][InputName]

/** What stands in where there is nothing to count. */
const ASSUMED: Readonly<Record<InputName, number>> = {
  partitionSize: 1_073_741_824,
  messageSize: 1024,
  messageBytesSent: 1_048_576,
  messageBytesKept: 1_073_741_824,
  // A record of its own in a batch of format 2: 61 bytes of the batch, about 9 of the record.
  overhead: 70,
  consumers: 1,
  producers: 1,
  brokers: 1,
  partitions: 1,
  replicationFactor: 1,
  messageRate: 1000,
  // A network of 1 Gbit/s.
  rate: 125_000_000,
  batchSize: 1,
  time: 1,
}
/** Members are described of so many groups. */
const GROUPS = 100
const SAMPLE_BYTES = 256 * 1024

export class Models implements ModelsService {
  constructor(
    private readonly connection: ClusterConnection,
    private readonly sampler: Sampler,
    private readonly probe_: Probe,
    private readonly audit: AuditLog,
  ) {}

  readonly inputs = async ({ topic, windowMs }: ModelInputsInput): Promise<ModelInputs> => {
    const snapshot = await this.connection.metadata()
    const topics = topic === null ? snapshot.topics.filter((t) => !isInternal(t)) : [await this.connection.topic(topic)]
    const names = new Set(topics.map((t) => t.name))
    const [consumers, batchSize] = await Promise.all([this.consumers(names), this.batchSize(names)])
    const measured = this.measured(topic, windowMs)
    const partitions = topics.reduce((n, t) => n + t.partitions.length, 0)
    const figures = topics.flatMap((t) => this.sampler.figures.topic(t.name) ?? [])
    const records = figures.reduce((n, f) => n + (f.records ?? 0), 0)
    const bytes = figures.reduce((n, f) => n + (f.meanRecordBytes ?? 0) * (f.records ?? 0), 0)
    const sampled = (value: number | null): Input | null =>
      value !== null && value > 0 ? { value, from: 'sampled' } : null
    const counted = (value: number): Input | null => (value > 0 ? { value, from: 'metadata' } : null)
    const perPartition = sampled(partitions > 0 ? bytes / partitions : null)
    const out = measured.recordsOutPerSecond
    const known: Partial<Record<InputName, Input | null>> = {
      partitionSize: perPartition,
      messageBytesKept: perPartition,
      messageSize: sampled(records > 0 ? bytes / records : null),
      messageBytesSent: sampled(
        measured.bytesInPerSecond === null ? null : (measured.bytesInPerSecond * windowMs) / 1000,
      ),
      consumers: sampled(consumers),
      brokers: counted(snapshot.brokers.length),
      partitions: counted(partitions),
      replicationFactor: counted(Math.max(0, ...topics.map((t) => t.partitions[0]?.replicas.length ?? 0))),
      messageRate: sampled(out !== null && consumers > 0 ? out / consumers : out),
      batchSize: sampled(batchSize),
      time: { value: windowMs / 1000, from: 'config' },
    }
    const inputs = Object.fromEntries(
      (Object.keys(ASSUMED) as InputName[]).map((name) => [
        name,
        known[name] ?? { value: ASSUMED[name], from: 'assumed' as const },
      ]),
    ) as Record<InputName, Input>
    return { atMs: this.connection.nowMs(), windowMs, topic, inputs, measured }
  }

  private measured(topic: string | null, windowMs: number): Measured {
    const { recent, figures } = this.sampler
    const nowMs = this.connection.nowMs()
    const mean = (name: 'recordsIn' | 'bytesIn' | 'recordsOut' | 'bytesOut') =>
      recent.mean(name, CLUSTER, windowMs, nowMs)
    const ofTopic = topic === null ? undefined : figures.topic(topic)
    // A quiet topic has no samples of its own: it is zero where the cluster has some.
    const share = (name: 'topicRecordsIn' | 'topicBytesIn'): number | null => {
      const looks = recent.read('recordsIn', CLUSTER, nowMs - windowMs, nowMs + 1, nowMs).length
      const points = recent.read(name, topic!, nowMs - windowMs, nowMs + 1, nowMs)
      return looks === 0 ? null : points.reduce((sum, p) => sum + p[1], 0) / Math.max(looks, points.length)
    }
    const out = topic === null ? null : figures.recordsOut(topic)
    return {
      recordsInPerSecond: topic === null ? mean('recordsIn') : share('topicRecordsIn'),
      bytesInPerSecond: topic === null ? mean('bytesIn') : share('topicBytesIn'),
      recordsOutPerSecond: topic === null ? mean('recordsOut') : out,
      bytesOutPerSecond: topic === null ? mean('bytesOut') : out! * (ofTopic?.meanRecordBytes ?? 0),
      sizeBytes: topic === null ? figures.totals().sizeBytes : (ofTopic?.sizeBytes ?? null),
      ...this.probe_.figures(windowMs),
      probe: this.probe_.state,
    }
  }

  /** Members of the groups that have commits on any of the topics. */
  private async consumers(topics: ReadonlySet<string>): Promise<number> {
    const ids = [...this.sampler.figures.groups].filter(([, g]) => [...g.commits.keys()].some((t) => topics.has(t)))
    if (ids.length === 0) return 0
    const described = await this.connection.client.admin.describeGroups(ids.slice(0, GROUPS).map(([id]) => id))
    return described.reduce((n, g) => n + (g.error ? 0 : g.members.length), 0)
  }

  /** Records of a batch, on average, where the most is written: told by the last batches of one partition. */
  private async batchSize(topics: ReadonlySet<string>): Promise<number | null> {
    let busiest: { topic: string; partition: number; end: number; rate: number } | undefined
    for (const [topic, t] of this.sampler.figures.topics) {
      if (!topics.has(topic) || topic === PROBE_TOPIC) continue
      for (const [partition, p] of t.partitions.entries()) {
        if (p.end === null || p.start === null || p.end <= p.start) continue
        if (!busiest || p.recordsInPerSecond > busiest.rate) {
          busiest = { topic, partition, end: p.end, rate: p.recordsInPerSecond }
        }
      }
    }
    if (!busiest) return null
    return lastBatches(this.connection.client, busiest)
  }

  readonly probe = async ({ on }: ProbeInput, actor: Actor): Promise<ProbeState> => {
    if (on === this.probe_.state.running) return this.probe_.state
    const change = {
      action: on ? 'models.startProbe' : 'models.stopProbe',
      resource: { type: 'topic' as const, name: PROBE_TOPIC },
      before: { running: !on },
      after: { running: on },
    }
    await this.audit.record(actor, change, async () => {
      await (on ? this.probe_.start() : this.probe_.stop())
      return on ? 'The probe writes one record a second.' : 'The probe has stopped.'
    })
    return this.probe_.state
  }
}

async function lastBatches(
  client: Client,
  { topic, partition, end }: { topic: string; partition: number; end: number },
): Promise<number | null> {
  const [answer] = await client.fetcher.fetch([{ topic, partition, offset: Math.max(0, end - 200) }], {
    partitionMaxBytes: SAMPLE_BYTES,
  })
  const batches = answer!.batches.filter((b) => !b.isControl)
  if (batches.length === 0) return null
  return batches.reduce((n, b) => n + b.recordCount, 0) / batches.length
}
