/** A broker as its metrics see it at one moment: what `BrokerMetrics` has counted, and what is there to be looked at. */
import type { MetricsDetail } from '../config/metrics_detail.ts'
import { labels } from '../lib/exposition.ts'
import { resourceType } from '../metadata/image.ts'
import type { Partition } from '../replication/partition.ts'
import { TopicMeter } from '../replication/topic_meter.ts'
import type { Broker } from './broker.ts'

export interface Look {
  readonly broker: Broker
  /** Monotonic ms. */
  readonly nowMs: number
  readonly detail: MetricsDetail
  /** The sum over all topics. */
  readonly allTopics: TopicMeter
  readonly counts: PartitionCounts
  readonly groups: readonly { readonly type: string; readonly state: string; readonly count: number }[]
  readonly logDirs: ReturnType<Broker['partitions']['logDirSizes']>
}

export interface PartitionCounts {
  /** Of this broker: held, led, whose log failed, in sync with fewer than all, or than must be. */
  held: number
  led: number
  offline: number
  underReplicated: number
  underMinIsr: number
  atMinIsr: number
}

/** Groups are asked like by a client; one that takes longer, as while a disk hangs, is not waited for. */
const GROUPS_WAIT_MS = 500

export async function look(broker: Broker, detail: MetricsDetail): Promise<Look> {
  const groups = await groupsOf(broker)
  const { metrics, clock } = broker
  const sum = new TopicMeter()
  sum.add(metrics.elsewhere)
  for (const meter of metrics.topics.values()) sum.add(meter)
  return {
    broker,
    nowMs: clock.monotonic(),
    detail,
    allTopics: sum,
    counts: countPartitions(broker),
    groups,
    logDirs: broker.partitions.logDirSizes(),
  }
}

/** First the sum over all, without a label, as Kafka has it; then each, if the detail asks for it. */
export function* topicsOf({ broker, detail, allTopics }: Look): Generator<{ labels: string; meter: TopicMeter }> {
  yield { labels: '', meter: allTopics }
  if (detail === 'cluster') return
  for (const [topic, meter] of broker.metrics.topics) yield { labels: labels({ topic }), meter }
}

/** Those whose log is open, if the detail asks for them. Made one after the other: of tens of thousands nothing is to pile up. */
export function* partitionsOf({ broker, detail }: Look): Generator<{ labels: string; partition: Partition }> {
  if (detail !== 'partition') return
  for (const { topic, index, partition } of broker.partitions.all()) {
    if (partition) yield { labels: labels({ topic, partition: index }), partition }
  }
}

function countPartitions(broker: Broker): PartitionCounts {
  const { image } = broker.controller
  const c: PartitionCounts = {
    held: 0,
    led: 0,
    offline: 0,
    underReplicated: 0,
    underMinIsr: 0,
    atMinIsr: 0,
  }
  for (const { led, failed } of broker.partitions.all()) {
    c.held++
    if (failed) c.offline++
    else if (led) c.led++
  }
  for (const topic of image.topics.values()) {
    const own = image.configsOf(resourceType.topic, topic.name)?.get('min.insync.replicas')
    const wanted = Number(own ?? broker.config['min.insync.replicas'])
    for (const { leader, isr, replicas, addingReplicas } of topic.partitions) {
      if (leader !== broker.nodeId) continue
      // More than there are replicas are not asked for; those on their way do not count yet.
      const minIsr = Math.min(wanted, replicas.length)
      if (replicas.some((id) => !isr.includes(id) && !addingReplicas.includes(id))) c.underReplicated++
      if (isr.length < minIsr) c.underMinIsr++
      else if (isr.length === minIsr) c.atMinIsr++
    }
  }
  return c
}

async function groupsOf(broker: Broker): Promise<Look['groups']> {
  const asked = broker.groups.listGroups(
    { version: 5, clientId: '', clientHost: '' },
    { statesFilter: [], typesFilter: [] },
  )
  let cancel = () => {}
  const late = new Promise<undefined>((resolve) => {
    cancel = broker.clock.after(GROUPS_WAIT_MS, () => resolve(undefined))
  })
  const answer = await Promise.race([asked.catch(() => undefined), late])
  cancel()
  const counts = new Map<string, { type: string; state: string; count: number }>()
  for (const { groupType, groupState } of answer?.groups ?? []) {
    const key = `${groupType} ${groupState}`
    const known = counts.get(key)
    if (known) known.count++
    else counts.set(key, { type: groupType, state: groupState, count: 1 })
  }
  return [...counts.values()]
}
