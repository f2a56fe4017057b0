/** Brokers of a cluster: who is there, what they lead and hold, their configs and log folders; and the controllers behind them. */
import type { Env } from '../env/env.ts'
import { KafkaError } from '../protocol/errors.ts'
import { type Actor, type AuditLog, changeOf } from './audit.ts'
import type { ClusterConnection } from './cluster/connection.ts'
import type { Sampler } from './figures/sampler.ts'
import { basisOf, note, outdated } from './plans.ts'
import { ConsoleError } from './problems.ts'
import type { BrokersService } from './service.ts'
import type {
  AlterBrokerConfigInput,
  ApplyAlterBrokerConfig,
  BrokerInput,
  BrokerRow,
  LogDirRow,
  QuorumNode,
  QuorumState,
} from './shapes/broker.ts'
import type { Applied, Plan } from './shapes/plan.ts'
import type { ConfigEntry } from './shapes/topic.ts'
import { configsOf } from './topics/configs.ts'
import { isInternal } from './topics/list.ts'

const LARGEST = 20
/** A page of one broker says so when that has not answered for so long. */
const BROKER_MS = 5_000
const CONTROLLER_KEEP_MS = 5_000
/** A page does not wait longer to learn who the controller is: it may be the one that is down. */
const CONTROLLER_WAIT_MS = 1_500
/** After so long without an answer there is none: it takes a controller some milliseconds. */
const NO_CONTROLLER_MS = 4_000

interface Counts {
  leaders: number
  preferredLeaders: number
  replicas: number
  outOfSync: number
  recordsInPerSecond: number
  bytesInPerSecond: number
  sizeBytes: number
}

const nothing = (): Counts => ({
  leaders: 0,
  preferredLeaders: 0,
  replicas: 0,
  outOfSync: 0,
  recordsInPerSecond: 0,
  bytesInPerSecond: 0,
  sizeBytes: 0,
})

export class Brokers implements BrokersService {
  private controller: { id: number | null; atMs: number } | undefined

  constructor(
    private readonly env: Env,
    private readonly connection: ClusterConnection,
    private readonly sampler: Sampler,
    private readonly audit: AuditLog,
  ) {}

  /** Those that are down, too: who holds replicas and does not serve them is what one looks for here. */
  readonly list = async (): Promise<readonly BrokerRow[]> => {
    const [snapshot, registered] = await Promise.all([
      this.connection.metadata(),
      this.connection.client.admin.describeCluster().then(
        (c) => c.brokers,
        () => [],
      ),
    ])
    const counts = this.counts()
    const up = new Map(snapshot.brokers.map((b) => [b.id, b]))
    const known = new Map(registered.map((b) => [b.id, b]))
    const { lookedAtMs } = this.sampler
    const told = lookedAtMs !== null && this.sampler.figures.totals().sizeBytes !== null
    return [...new Set([...up.keys(), ...known.keys(), ...counts.keys()])]
      .sort((a, b) => a - b)
      .map((id) => {
        const of = counts.get(id) ?? nothing()
        const at = up.get(id) ?? known.get(id)
        return {
          ...of,
          brokerId: id,
          state: known.get(id)?.isFenced ? 'fenced' : at ? 'up' : 'absent',
          host: at?.host ?? null,
          port: at?.port ?? null,
          rack: at?.rack ?? null,
          recordsInPerSecond: lookedAtMs === null ? null : of.recordsInPerSecond,
          bytesInPerSecond: told ? of.bytesInPerSecond : null,
          sizeBytes: told ? of.sizeBytes : null,
        }
      })
  }

  private counts(): Map<number, Counts> {
    const counts = new Map<number, Counts>()
    const of = (id: number) => {
      const known = counts.get(id) ?? nothing()
      counts.set(id, known)
      return known
    }
    for (const t of this.connection.lastKnown?.topics ?? []) {
      const figures = this.sampler.figures.topics.get(t.name)
      for (const p of t.partitions) {
        const seen = figures?.partitions[p.partition]
        if (p.leader >= 0) {
          const leader = of(p.leader)
          leader.leaders++
          if (seen && !isInternal(t)) {
            leader.recordsInPerSecond += seen.recordsInPerSecond
            leader.bytesInPerSecond += seen.bytesInPerSecond
          }
        }
        if (p.replicas.length > 0) of(p.replicas[0]!).preferredLeaders++
        for (const r of p.replicas) {
          const broker = of(r)
          broker.replicas++
          broker.sizeBytes += seen?.sizes.get(r) ?? 0
          if (!p.isr.includes(r)) broker.outOfSync++
        }
      }
    }
    return counts
  }

  // --- controllers ---

  readonly quorum = async (): Promise<QuorumState> => {
    const q = await this.askQuorum()
    this.controller = { id: q.leaderId < 0 ? null : q.leaderId, atMs: this.connection.nowMs() }
    const end = q.voters.find((v) => v.id === q.leaderId)?.logEndOffset ?? q.highWatermark
    const nodeOf = (role: QuorumNode['role']) => (r: (typeof q.voters)[number]) => ({
      nodeId: r.id,
      role: r.id === q.leaderId ? ('leader' as const) : role,
      logEndOffset: r.logEndOffset,
      lag: Math.max(0, end - r.logEndOffset),
      lastFetchMs: r.lastFetchTimestamp,
      lastCaughtUpMs: r.lastCaughtUpTimestamp,
    })
    return {
      leaderId: q.leaderId,
      leaderEpoch: q.leaderEpoch,
      nodes: [...q.voters.map(nodeOf('voter')), ...q.observers.map(nodeOf('observer'))],
    }
  }

  private askQuorum() {
    const { client } = this.connection
    return new Promise<Awaited<ReturnType<typeof client.admin.describeQuorum>>>((resolve, reject) => {
      const late = new KafkaError('REQUEST_TIMED_OUT', `nothing came within ${NO_CONTROLLER_MS / 1000} s`)
      const cancel = this.env.clock.after(NO_CONTROLLER_MS, () => reject(noController(late)))
      client.admin
        .describeQuorum()
        .finally(cancel)
        .then(resolve, (error: unknown) =>
          reject(error instanceof KafkaError && error.retriable ? noController(error) : error),
        )
    })
  }

  /** In KRaft mode metadata names any broker; the quorum knows its leader. Null: none answers. */
  async controllerId(): Promise<number | null> {
    const nowMs = this.connection.nowMs()
    if (this.controller && nowMs - this.controller.atMs < CONTROLLER_KEEP_MS) return this.controller.id
    const kraft = (await this.connection.apis()).some((a) => a.name === 'DescribeQuorum')
    if (!kraft) return (await this.connection.metadata()).controllerId
    return new Promise((resolve) => {
      const give = (id: number | null) => {
        cancel()
        resolve(id)
      }
      const cancel = this.env.clock.after(CONTROLLER_WAIT_MS, () => resolve(null))
      this.quorum().then(
        () => give(this.controller!.id),
        () => give(null),
      )
    })
  }

  // --- configs ---

  readonly configs = ({ brokerId }: BrokerInput): Promise<readonly ConfigEntry[]> =>
    configsOf(this.connection, { type: 'broker', name: String(brokerId) })

  readonly planAlterConfig = async (input: AlterBrokerConfigInput): Promise<Plan<ApplyAlterBrokerConfig>> => {
    const { cluster, brokerId, everywhere, name, value } = input
    const entry = (await this.configs(input)).find((c) => c.name === name)
    if (!entry) throw new ConsoleError('NOT_FOUND', `Broker ${brokerId} has no config ${name}.`)
    if (entry.readOnly) {
      throw new ConsoleError(
        'INVALID',
        `${name} is read when the broker starts: it cannot be changed while it runs.`,
        'Set it in server.properties, as a flag or in the environment, and start the broker again.',
      )
    }
    const setAt = (source: ConfigEntry['source']) => entry.synonyms.find((s) => s.source === source)?.value ?? null
    const own = setAt('DYNAMIC_BROKER_CONFIG')
    const before = everywhere ? setAt('DYNAMIC_DEFAULT_BROKER_CONFIG') : own
    if (before === value) {
      throw new ConsoleError(
        'INVALID',
        value === null ? 'Nothing would change: nothing is set there.' : 'Nothing would change: that is set already.',
      )
    }
    await this.alter(input, true)
    const where = everywhere ? 'all brokers' : `broker ${brokerId}`
    const steps = [{ kind: 'config' as const, subject: name, before, after: value }]
    return {
      action: 'brokers.alterConfig',
      resource: everywhere ? { type: 'cluster', name: cluster } : { type: 'broker', name: String(brokerId) },
      steps,
      affected: [],
      notes:
        everywhere && own !== null
          ? [
              note(
                'info',
                'own-value-holds',
                `Broker ${brokerId} has a value of its own, which goes before this one.`,
                {
                  broker: brokerId,
                },
              ),
            ]
          : [],
      reversible: true,
      validated: true,
      apply: { ...input, basis: basisOf(steps, where) },
    }
  }

  readonly applyAlterConfig = async (input: ApplyAlterBrokerConfig, actor: Actor): Promise<Applied> => {
    const now = await this.planAlterConfig(input)
    if (now.apply.basis !== input.basis) throw outdated()
    return this.audit.record(actor, changeOf(now), async () => {
      await this.alter(input, false)
      return `Changed ${input.name} of ${input.everywhere ? 'all brokers' : `broker ${input.brokerId}`}.`
    })
  }

  private async alter(
    { brokerId, everywhere, name, value }: AlterBrokerConfigInput,
    validateOnly: boolean,
  ): Promise<void> {
    const change = value === null ? { name, op: 'delete' as const } : { name, op: 'set' as const, value }
    const [result] = await this.connection.client.admin.incrementalAlterConfigs(
      [{ type: 'broker', name: everywhere ? '' : String(brokerId), configs: [change] }],
      { validateOnly },
    )
    if (result!.error) throw result!.error
  }

  readonly logDirs = async ({ brokerId }: BrokerInput): Promise<readonly LogDirRow[]> => {
    const [answer] = await this.connection.client.admin.describeLogDirs({
      brokers: [brokerId],
      answerWithinMs: BROKER_MS,
    })
    if (!answer) throw new KafkaError('BROKER_NOT_AVAILABLE')
    if (answer.error) throw answer.error
    return answer.logDirs.map((d) => ({
      path: d.path,
      error: d.error?.error ?? null,
      partitions: d.partitions.length,
      sizeBytes: d.partitions.reduce((n, p) => n + p.sizeBytes, 0),
      totalBytes: d.totalBytes,
      usableBytes: d.usableBytes,
      largest: [...d.partitions]
        .sort((a, b) => b.sizeBytes - a.sizeBytes)
        .slice(0, LARGEST)
        .map(({ topic, partition, sizeBytes }) => ({ topic, partition, sizeBytes })),
    }))
  }
}

const noController = (error: KafkaError): ConsoleError =>
  new ConsoleError(
    'NO_CONTROLLER',
    `No controller answers: ${error.message}`,
    'Reading and writing goes on where there are leaders. Elections and changes wait until a controller is back.',
  )
