/** What members of the consumer protocol do in a dialogue, the topics that there are in it, and how their records are shown. */
import type { ConsumerGroupHeartbeat } from '../../../protocol/messages/68_consumer_group_heartbeat.ts'
import type { Infer } from '../../../protocol/schema.ts'
import { type Client, type Dialogue, group, type Options, text, type Verb, versionIn } from '../dialogue.ts'
import type { TopicPartitions } from './partitions.ts'
import type { ConsumerGroupRecord } from './records.ts'
import type { GroupTopics } from './topics.ts'

type Request = Infer<typeof ConsumerGroupHeartbeat.request>

/** A topic's id begins with its name. One that is made again has another. */
export class SomeTopics implements GroupTopics {
  private readonly sizes = new Map<string, { topicId: string; numPartitions: number }>()
  version = 0

  set(name: string, numPartitions: number): void {
    this.version++
    const topicId = this.sizes.get(name)?.topicId ?? `${name}${this.version}`.padEnd(22, 'A')
    if (numPartitions === 0) this.sizes.delete(name)
    else this.sizes.set(name, { topicId, numPartitions })
  }
  byName(name: string) {
    return this.sizes.get(name)
  }
  nameOf(topicId: string): string | undefined {
    for (const [name, topic] of this.sizes) if (topic.topicId === topicId) return name
    return undefined
  }
  names(): Iterable<string> {
    return this.sizes.keys()
  }
}

const silent: Omit<Request, 'groupId' | 'memberId' | 'memberEpoch' | 'instanceId'> = {
  rackId: null,
  rebalanceTimeoutMs: -1,
  subscribedTopicNames: null,
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: null,
}

/** `t:0,1;u:0` */
const partitionsIn = (d: Dialogue, owns: string) =>
  owns.split(';').flatMap((t) => {
    const [name = '', list = ''] = t.split(':')
    const topicId = d.topics.byName(name)?.topicId
    return topicId === undefined ? [] : [{ topicId, partitions: list.split(',').map(Number) }]
  })

const named = (d: Dialogue, list: readonly TopicPartitions[]): string =>
  list.map(({ topicId, partitions }) => `${d.topics.nameOf(topicId) ?? 'gone'}:${partitions}`).join(';') || 'nothing'

async function ask(
  d: Dialogue,
  client: Client,
  o: Options,
  words: string[],
  request: Partial<Request>,
): Promise<string> {
  const r = await d.api.consumerGroupHeartbeat(d.context(client, versionIn(words, 1)), {
    groupId: group(o),
    memberId: o.id === 'none' ? '' : client.memberId || client.name,
    memberEpoch: Number(o.epoch ?? client.generation),
    instanceId: client.instance,
    ...silent,
    ...request,
  })
  if (r.errorCode !== 0) return `${text(r.errorCode)}: ${r.errorMessage}`
  client.memberId = r.memberId ?? client.memberId
  client.generation = r.memberEpoch
  if (r.memberEpoch < 0) return `gone, epoch ${r.memberEpoch}`
  if (r.assignment === null) return `epoch ${r.memberEpoch}`
  return `epoch ${r.memberEpoch}, is to own ${named(d, r.assignment.topicPartitions)}`
}

export const consumerVerbs: Record<string, Verb> = {
  /** Comes: `reads=t,u matches=REGEX instance= assignor= rebalance=`, `id=`. */
  enters: (d, client, o, words) => {
    if (o.instance !== undefined) client.instance = o.instance
    return ask(d, client, { ...o, epoch: '0' }, words, {
      rebalanceTimeoutMs: Number(o.rebalance ?? client.rebalanceMs),
      subscribedTopicNames: o.reads === undefined ? null : o.reads.split(',').filter((t) => t !== ''),
      subscribedTopicRegex: o.matches ?? null,
      serverAssignor: o.assignor ?? null,
      topicPartitions: [],
    })
  },

  /** A heartbeat, with what has changed: `owns=t:0,1;u:0` or `owns=`, `reads=`, `matches=`, `epoch=`. */
  reports: (d, client, o, words) =>
    ask(d, client, o, words, {
      ...(o.reads !== undefined && { subscribedTopicNames: o.reads.split(',').filter((t) => t !== '') }),
      ...(o.matches !== undefined && { subscribedTopicRegex: o.matches }),
      ...(o.owns !== undefined && { topicPartitions: partitionsIn(d, o.owns) }),
      ...(o.assignor !== undefined && { serverAssignor: o.assignor }),
    }),

  /** For good, or `for a while`. */
  quits: (d, client, o, words) => ask(d, client, { ...o, epoch: words.includes('while') ? '-2' : '-1' }, words, {}),

  /** What the consumer group is. */
  inspects: async (d, _, o) => {
    const [g] = await d.api.consumerGroupDescribe([group(o)])
    if (g!.errorCode !== 0) return `${text(g!.errorCode)}: ${g!.errorMessage}`
    const members = g!.members.map((m) => {
      const kind = m.memberType === 0 ? 'classic ' : ''
      const instance = m.instanceId === null ? '' : `(${m.instanceId})`
      const [owns, target] = [m.assignment, m.targetAssignment].map((a) => named(d, a.topicPartitions))
      return `${kind}${m.memberId}${instance} epoch ${m.memberEpoch} owns ${owns}${target === owns ? '' : `, is to own ${target}`}`
    })
    return `${g!.groupState} epoch ${g!.groupEpoch}/${g!.assignmentEpoch} ${g!.assignorName} [${members.join('; ')}]`
  },
}

export function showConsumerRecord(r: ConsumerGroupRecord): string {
  const what = `${r.groupId}${r.about === '' ? '' : ` ${r.about}`}`
  if (r.value === null) return `${what} ${r.type} gone`
  const ids = (list: readonly TopicPartitions[]) =>
    list.map((t) => `${t.topicId.replace(/\d*A*$/, '')}:${t.partitions}`).join(';') || 'nothing'
  switch (r.type) {
    case 'ConsumerGroupMetadata':
      return `${what} epoch ${r.value.epoch}`
    case 'ConsumerGroupMemberMetadata': {
      const { instanceId, subscribedTopicNames, subscribedTopicRegex, classicMemberMetadata } = r.value
      const reads = [subscribedTopicNames.join(), subscribedTopicRegex && `/${subscribedTopicRegex}/`].filter(Boolean)
      return `${what}${instanceId ? `(${instanceId})` : ''}${classicMemberMetadata ? ' classic' : ''} reads ${reads.join(' ') || 'nothing'}`
    }
    case 'ConsumerGroupTargetAssignmentMetadata':
      return `${what} targets of epoch ${r.value.assignmentEpoch}`
    case 'ConsumerGroupTargetAssignmentMember':
      return `${what} target ${ids(r.value.topicPartitions)}`
    case 'ConsumerGroupCurrentMemberAssignment': {
      const { memberEpoch, previousMemberEpoch, state, assignedPartitions, partitionsPendingRevocation } = r.value
      const name = ['stable', 'unrevoked', 'unreleased'][state]
      const gives = partitionsPendingRevocation.length > 0 ? `, gives up ${ids(partitionsPendingRevocation)}` : ''
      return `${what} epoch ${memberEpoch} after ${previousMemberEpoch} ${name} owns ${ids(assignedPartitions)}${gives}`
    }
    case 'ConsumerGroupRegularExpression':
      return `${what} is ${r.value.topics.join() || 'nothing'}`
    case 'ConsumerGroupPartitionMetadata':
      return `${what} partition metadata`
  }
}
