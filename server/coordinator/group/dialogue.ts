/**
 * Plays a dialogue between clients and the group coordinator from a text, and writes down what is answered and stored, for
 * transcripts and simulations. Lines that begin with '>' are what happens, all others what comes of it:
 *
 *     > a joins v9 protocols=range:t1
 *     a: MEMBER_ID_REQUIRED id=a-1
 *
 * A client is known by its name; the ids it is given are shown as name-1, name-2 in their order. Verbs: see `verbs`.
 */
import { simEnv } from '../../env/sim.ts'
import { decode, encode } from '../../protocol/codec.ts'
import { ConsumerProtocolAssignment } from '../../protocol/consumer_protocol/consumer_protocol_assignment.ts'
import { ConsumerProtocolSubscription } from '../../protocol/consumer_protocol/consumer_protocol_subscription.ts'
import { errorOf, KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'
import { decodeRecords } from '../../records/batch.ts'
import { MemoryLog } from '../../state/memory_log.ts'
import { defaultGroupConfig, type GroupConfig } from './config.ts'
import { consumerVerbs, SomeTopics, showConsumerRecord } from './consumer/dialogue.ts'
import { isConsumerGroupRecord } from './consumer/records.ts'
import { GroupCoordinator } from './coordinator.ts'
import { type GroupRecord, groupRecordCodec } from './records.ts'

export interface Client {
  readonly name: string
  memberId: string
  generation: number
  instance: string | null
  protocol: string | null
  protocols: { name: string; metadata: Buffer }[]
  sessionMs: number
  rebalanceMs: number
}

export type Options = Record<string, string>
export type Verb = (d: Dialogue, client: Client, options: Options, words: string[]) => Promise<string>

export async function play(text: string): Promise<string> {
  const d = new Dialogue()
  await d.settled()
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line === '') d.lines.push(line)
    else if (line.startsWith('>')) await d.happens(line)
  }
  return d.lines.join('\n').replace(/\n*$/, '\n')
}

export class Dialogue {
  readonly lines: string[] = []
  private readonly sim = simEnv('dialogue')
  private config: { -readonly [K in keyof GroupConfig]: GroupConfig[K] } = { ...defaultGroupConfig }
  readonly topics = new SomeTopics()
  private log = new MemoryLog(this.sim.env.clock, () => 1)
  private coordinator = this.start()
  private readonly clients = new Map<string, Client>()
  private readonly ids = new Map<string, string>()
  private shown = 0

  private start(): GroupCoordinator {
    const { clock, random } = this.sim.env
    const { log, config, topics } = this
    const coordinator = new GroupCoordinator({ config, clock, random, topics, numPartitions: () => 1 })
    void coordinator.load(0, { log, batches: () => log.batches })
    return coordinator
  }

  /** The coordinator has loaded. */
  settled(): Promise<void> {
    return this.sim.time.runFor(0)
  }

  async happens(line: string): Promise<void> {
    this.lines.push(line)
    const [who = '', ...words] = line.slice(1).trim().split(/\s+/)
    const options = Object.fromEntries(words.flatMap((w) => (w.includes('=') ? [w.split(/=(.*)/).slice(0, 2)] : [])))
    const world = this.world[who]
    if (world !== undefined) await world(words, options)
    else this.asks(who, words[0]!, options, words.slice(1))
    await this.sim.time.runFor(world === undefined && this.log.delayMs !== null ? 2 : 0)
    this.showRecords()
  }

  private asks(who: string, verb: string, options: Options, words: string[]): void {
    const client = this.client(who)
    const say = (text: string) => this.lines.push(`${who}: ${this.named(text)}`)
    const act = verbs[verb] ?? consumerVerbs[verb]
    if (act === undefined) throw new Error(`no such verb: ${verb}`)
    act(this, client, options, words).then(say, (e) => say(e instanceof KafkaError ? `throws ${e.error}` : `${e}`))
  }

  /** What happens to the world: time, the log, the broker, its settings. */
  private readonly world: Record<string, (words: string[], options: Options) => Promise<void> | void> = {
    wait: ([ms]) => this.sim.time.runFor(Number(ms)),
    config: (_, options) => {
      for (const [key, value] of Object.entries(options)) Object.assign(this.config, { [key]: Number(value) })
    },
    /** Of the consumer protocol: `maxSize=2 assignmentIntervalMs=0 migrationPolicy=disabled`. */
    consumers: (_, options) => {
      const set = Object.entries(options).map(([key, text]) => {
        const value = key === 'migrationPolicy' ? text : Number(text)
        return [key, key.endsWith('Ms') ? () => value : value]
      })
      this.config.consumer = { ...this.config.consumer, ...Object.fromEntries(set) }
    },
    /** How many partitions each has now; 0 is none, nor the topic. */
    topics: (_, options) => {
      for (const [name, partitions] of Object.entries(options)) this.topics.set(name, Number(partitions))
    },
    log: ([what]) => {
      if (what === 'stalls') this.log.delayMs = null
      else if (what === 'commits') this.log.commit()
      else if (what === 'fails') this.log.fail(new KafkaError('KAFKA_STORAGE_ERROR'))
      else if (what === 'refuses') this.log.refusal = new KafkaError('MESSAGE_TOO_LARGE')
      else if (what === 'recovers') this.log.refusal = undefined
      else throw new Error(`the log cannot: ${what}`)
    },
    crash: async () => {
      this.coordinator.close()
      this.log = this.log.crash()
      this.log.delayMs = () => 1
      this.shown = this.log.batches.length
      this.coordinator = this.start()
      await this.sim.time.runFor(0)
    },
    moves: () => this.coordinator.close(),
    topic: async ([name, what]) => {
      const gone = [{ name: name!, topicId: ZERO_UUID }]
      if (what === 'deleted') await this.sim.time.runUntilSettled(this.coordinator.onTopicsDeleted(gone))
    },
  }

  private client(name: string): Client {
    let client = this.clients.get(name)
    if (client === undefined) {
      client = {
        name,
        memberId: '',
        generation: -1,
        instance: null,
        protocol: null,
        protocols: [],
        sessionMs: 10_000,
        rebalanceMs: 60_000,
      }
      this.clients.set(name, client)
    }
    return client
  }

  context(client: Client, version: number) {
    return { version, clientId: client.name.replace(/\d+$/, ''), clientHost: '/127.0.0.1' }
  }

  get api(): GroupCoordinator {
    return this.coordinator
  }

  idOf(name: string): string {
    return this.clients.get(name)?.memberId ?? name
  }

  /** Ids that were given out appear as they are named here. */
  private named(text: string): string {
    return text.replace(/\b([\w.]+)-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, (id, name) => {
      if (!this.ids.has(id)) {
        const n = [...this.ids.values()].filter((v) => v.startsWith(`${name}-`)).length + 1
        this.ids.set(id, `${name}-${n}`)
      }
      return this.ids.get(id)!
    })
  }

  private showRecords(): void {
    for (const batch of this.log.batches.slice(this.shown)) {
      for (const { key, value } of decodeRecords(batch)) {
        this.lines.push(`  stored ${this.named(show(groupRecordCodec.decode(key, value)!))}`)
      }
    }
    this.shown = this.log.batches.length
  }
}

const show = (r: GroupRecord): string => {
  if (isConsumerGroupRecord(r)) return showConsumerRecord(r)
  if (r.type === 'OffsetCommit') {
    const { value: v } = r
    const extra =
      v && [v.leaderEpoch !== -1 && `epoch ${v.leaderEpoch}`, v.metadata && `"${v.metadata}"`].filter(Boolean)
    return `${r.groupId} ${r.topic}-${r.partition} = ${v ? [v.offset, ...extra!].join(' ') : 'gone'}`
  }
  const { value: v } = r
  if (v === null) return `${r.groupId} gone`
  const members = v.members.map(
    (m) => `${m.memberId}${m.groupInstanceId ? `(${m.groupInstanceId})` : ''}:${toldAssigned(m.assignment)}`,
  )
  return `${r.groupId} generation ${v.generation} ${v.protocolType}/${v.protocol} leader ${v.leader} [${members.join(' ')}]`
}

/** In the consumer protocol, and how it is shown. */
const subscription = (topics: string[]): Buffer =>
  Buffer.concat([Buffer.alloc(2), encode(ConsumerProtocolSubscription, 0, { topics })])
const told = (metadata: Buffer): string =>
  metadata[0] === 0 ? `(${decode(ConsumerProtocolSubscription, 0, metadata.subarray(2)).topics})` : `${metadata}`

/** `t:0,1` is written in the consumer protocol, anything else as it is. */
const assignmentIn = (text: string): Buffer => {
  const [topic, list] = text.split(':')
  if (list === undefined) return Buffer.from(text)
  const partitions = list.split(',').map(Number)
  return Buffer.concat([
    Buffer.alloc(2),
    encode(ConsumerProtocolAssignment, 0, { assignedPartitions: [{ topic: topic!, partitions }] }),
  ])
}
const toldAssigned = (assignment: Buffer): string =>
  assignment[0] === 0
    ? decode(ConsumerProtocolAssignment, 0, assignment.subarray(2))
        .assignedPartitions.map((t) => `${t.topic}:${t.partitions}`)
        .join(';')
    : `${assignment}`

/** What clients do. Versions are the highest unless said, as in `v3`. */
export const versionIn = (words: string[], highest: number): number =>
  Number(words.find((w) => /^v\d+$/.test(w))?.slice(1) ?? highest)

export const text = (code: number): string => (code === 0 ? 'ok' : errorOf(code))
export const group = (o: Options): string => o.group ?? 'g'
const reasonIn = (words: string[]): string | null =>
  words.includes('because') ? words.slice(words.indexOf('because') + 1).join(' ') : null

const verbs: Record<string, Verb> = {
  /** `protocols=range:t1,sticky:t1` or `subscribes=t1,t2`, `session=`, `rebalance=`, `instance=`, `type=`, `id=` of another client or `none`. */
  joins: async (d, client, o, words) => {
    if (o.protocols !== undefined) {
      client.protocols = o.protocols.split(',').map((p) => {
        const [name, metadata = ''] = p.split(':')
        return { name: name!, metadata: Buffer.from(metadata) }
      })
    }
    if (o.subscribes !== undefined)
      client.protocols = [{ name: 'range', metadata: subscription(o.subscribes.split(',')) }]
    if (o.instance !== undefined) client.instance = o.instance === 'none' ? null : o.instance
    client.sessionMs = Number(o.session ?? client.sessionMs)
    client.rebalanceMs = Number(o.rebalance ?? client.rebalanceMs)
    if (client.protocols.length === 0 && o.protocols === undefined)
      client.protocols = [{ name: 'range', metadata: Buffer.from('t') }]
    if (o.id !== undefined) client.memberId = o.id === 'none' ? '' : d.idOf(o.id)
    const r = await d.api.joinGroup(d.context(client, versionIn(words, 9)), {
      groupId: group(o),
      sessionTimeoutMs: client.sessionMs,
      rebalanceTimeoutMs: client.rebalanceMs,
      memberId: client.memberId,
      groupInstanceId: client.instance,
      protocolType: o.type ?? 'consumer',
      protocols: client.protocols.filter((p) => p.name !== ''),
      reason: reasonIn(words),
    })
    if (r.errorCode !== 0) {
      if (errorOf(r.errorCode) === 'MEMBER_ID_REQUIRED') client.memberId = r.memberId
      return `${text(r.errorCode)} id=${r.memberId || 'none'}`
    }
    client.memberId = r.memberId
    client.generation = r.generationId
    client.protocol = r.protocolName
    const members = r.members.map(
      (m) => `${m.memberId}${m.groupInstanceId ? `(${m.groupInstanceId})` : ''}:${told(m.metadata)}`,
    )
    const rest = members.length > 0 ? ` leads [${members.join(' ')}]` : ` follows ${r.leader}`
    const skip = r.skipAssignment ? ', need not assign' : ''
    return `joined generation ${r.generationId} as ${r.memberId}, ${r.protocolType}/${r.protocolName},${rest}${skip}`
  },

  /** `a=p0 b=t:0,1`: what it assigns, by client; `generation=`, `protocol=`. */
  syncs: async (d, client, o, words) => {
    const { generation = client.generation, protocol = client.protocol, group: groupId = 'g', ...assigned } = o
    const r = await d.api.syncGroup(d.context(client, versionIn(words, 5)), {
      groupId,
      generationId: Number(generation),
      memberId: client.memberId,
      groupInstanceId: client.instance,
      protocolType: 'consumer',
      protocolName: protocol === 'none' ? null : protocol,
      assignments: Object.entries(assigned).map(([name, a]) => ({
        memberId: d.idOf(name),
        assignment: assignmentIn(a),
      })),
    })
    return r.errorCode === 0 ? `synced, has "${toldAssigned(r.assignment)}"` : text(r.errorCode)
  },

  beats: async (d, client, o) => {
    const r = await d.api.heartbeat(d.context(client, 4), {
      groupId: group(o),
      generationId: Number(o.generation ?? client.generation),
      memberId: client.memberId,
      groupInstanceId: client.instance,
    })
    return text(r.errorCode)
  },

  /** Itself; or `members=a,b`, `instances=x,y` as an administrator. */
  leaves: async (d, client, o, words) => {
    const reason = reasonIn(words)
    const members = [
      ...(o.members?.split(',') ?? []).map((name) => ({ memberId: d.idOf(name), groupInstanceId: null, reason })),
      ...(o.instances?.split(',') ?? []).map((i) => ({ memberId: '', groupInstanceId: i, reason })),
    ]
    if (members.length === 0)
      members.push({ memberId: client.memberId, groupInstanceId: client.instance as null, reason })
    const r = await d.api.leaveGroup(d.context(client, versionIn(words, 5)), {
      groupId: group(o),
      memberId: client.memberId,
      members,
    })
    return [text(r.errorCode), ...r.members.map((m) => `${m.memberId || m.groupInstanceId}:${text(m.errorCode)}`)].join(
      ' ',
    )
  },

  /** `t-0=5`, `generation=`, `member=none`, `metadata=`, `epoch=`, `retention=`. */
  commits: async (d, client, o, words) => {
    const version = versionIn(words, 9)
    const offsets = Object.entries(o).filter(([k]) => /-\d+$/.test(k))
    const r = await d.api.offsetCommit(d.context(client, version), {
      groupId: group(o),
      generationIdOrMemberEpoch: Number(o.generation ?? client.generation),
      memberId: o.member === 'none' ? '' : client.memberId,
      groupInstanceId: client.instance,
      retentionTimeMs: Number(o.retention ?? -1),
      topics: offsets.map(([tp, offset]) => ({
        topicId: d.topics.byName(tp.replace(/-\d+$/, ''))?.topicId ?? ZERO_UUID,
        name: tp.replace(/-\d+$/, ''),
        partitions: [
          {
            partitionIndex: Number(/\d+$/.exec(tp)![0]),
            committedOffset: Number(offset),
            committedLeaderEpoch: Number(o.epoch ?? -1),
            commitTimestamp: -1,
            committedMetadata: o.metadata ?? null,
          },
        ],
      })),
    })
    return r.topics
      .flatMap((t) => t.partitions.map((p) => `${t.name}-${p.partitionIndex}:${text(p.errorCode)}`))
      .join(' ')
  },

  /** `t-0 u-1`, or `all`; `epoch=` as a member of a consumer group. */
  fetches: async (d, client, o, words) => {
    const version = versionIn(words, 9)
    const tps = words.filter((w) => /-\d+$/.test(w) && !w.includes('='))
    const topics = words.includes('all')
      ? null
      : tps.map((tp) => ({
          topicId: ZERO_UUID,
          name: tp.replace(/-\d+$/, ''),
          partitionIndexes: [Number(/\d+$/.exec(tp)![0])],
        }))
    const asMember =
      o.epoch === undefined
        ? { memberId: null, memberEpoch: -1 }
        : { memberId: client.memberId, memberEpoch: Number(o.epoch) }
    const r = await d.api.offsetFetch(d.context(client, version), {
      groups: [{ groupId: group(o), ...asMember, topics }],
      groupId: group(o),
      topics,
      requireStable: true,
    })
    const g = version >= 8 ? r.groups[0]! : r
    const offsets = g.topics.flatMap((t) =>
      t.partitions.map(
        (p) => `${t.name}-${p.partitionIndex}=${p.committedOffset}${p.errorCode === 0 ? '' : ` ${text(p.errorCode)}`}`,
      ),
    )
    return [text(g.errorCode), ...offsets].join(' ')
  },

  describes: async (d, client, o, words) => {
    const [r] = await d.api.describeGroups(d.context(client, versionIn(words, 6)), [group(o)])
    const members = r!.members.map(
      (m) =>
        `${m.memberId} ${m.clientId}@${m.clientHost} ${told(m.memberMetadata)}:${toldAssigned(m.memberAssignment)}`,
    )
    return `${text(r!.errorCode)} ${r!.groupState} ${r!.protocolType}/${r!.protocolData} [${members.join('; ')}]`
  },

  /** `states=stable,empty types=classic`. */
  lists: async (d, client, o) => {
    const r = await d.api.listGroups(d.context(client, 5), {
      statesFilter: o.states?.split(',') ?? [],
      typesFilter: o.types?.split(',') ?? [],
    })
    return [
      text(r.errorCode),
      ...r.groups.map((g) => `${g.groupId}:${g.groupState}/${g.groupType}/${g.protocolType}`),
    ].join(' ')
  },

  /** `forgets t-0 u-1`: takes its group's offsets away. */
  forgets: async (d, client, o, words) => {
    const topics = words
      .filter((w) => !w.includes('='))
      .map((w) => ({ name: w.split('-')[0]!, partitions: [{ partitionIndex: Number(w.split('-')[1]) }] }))
    const r = await d.api.offsetDelete(d.context(client, 0), { groupId: o.group ?? 'g', topics })
    const each = r.topics.flatMap((t) => t.partitions.map((p) => `${t.name}-${p.partitionIndex}:${text(p.errorCode)}`))
    return [text(r.errorCode), ...each].join(' ')
  },

  deletes: async (d, client, _, words) => {
    const r = await d.api.deleteGroups(d.context(client, 2), words)
    return r.map((g) => `${g.groupId}:${text(g.errorCode)}`).join(' ')
  },
}
