/** The moving of partitions on a cluster that is a table: reassignments take a while, brokers come late or never, topics appear. */
import { describe, expect, test } from 'vitest'
import type { Clock } from './env/env.ts'
import { Simulation } from './env/sim.ts'
import { KafkaError } from './protocol/errors.ts'
import { type ResizeOptions, ResizeRefused, resize } from './resize.ts'

interface Row {
  topic: string
  internal?: boolean
  replicas: number[]
  isr: number[]
  /** What it becomes. */
  target?: number[]
  /** ms of virtual time. */
  untilMs?: number
}

const MOVE_MS = 3_000

class FakeCluster {
  readonly rows: Row[] = []
  readonly registered: Set<number>
  readonly running: Set<number>
  readonly said: string[] = []
  growthEnded = 0
  minInsyncReplicas = '1'
  moves = 0
  elected: string[] = []
  readonly clock: Clock

  constructor(
    readonly sim: Simulation,
    brokers: readonly number[],
  ) {
    this.registered = new Set(brokers)
    this.running = new Set(brokers)
    this.clock = sim.machine('m').boot().clock
  }

  add(topic: string, replicas: number[], internal = false): void {
    this.rows.push({ topic, internal, replicas, isr: replicas })
  }

  stop(...ids: number[]): void {
    for (const id of ids) {
      this.running.delete(id)
      for (const row of this.rows) if (row.isr.length > 1) row.isr = row.isr.filter((one) => one !== id)
    }
  }

  private settle(): void {
    for (const row of this.rows) {
      if (!row.target || row.untilMs! > this.clock.monotonic() || !row.target.every((id) => this.running.has(id)))
        continue
      row.replicas = row.target
      row.isr = row.target
      delete row.target
    }
  }

  private leader = (row: Row): number => row.isr.find((id) => this.running.has(id)) ?? -1

  /** Resolves with what was said, however it ends. */
  async run(o: Partial<ResizeOptions> & Pick<ResizeOptions, 'keep' | 'leave'>): Promise<unknown> {
    const all = () => this.rows.filter((_, i) => this.rows.findIndex((r) => r.topic === this.rows[i]!.topic) === i)
    const admin = {
      describeCluster: async () => ({
        clusterId: 'c',
        controllerId: -1,
        brokers: [...this.registered].map((id) => ({
          ...{ id, host: 'h', port: 1, rack: null },
          isFenced: !this.running.has(id),
        })),
      }),
      listTopics: async () => {
        this.settle()
        return all().map(({ topic, internal }) => ({
          ...{ name: topic, topicId: topic, isInternal: internal ?? false, error: null, at: 0 },
          partitions: this.rows
            .filter((r) => r.topic === topic)
            .map((r, partition) => ({
              ...{ partition, leader: this.leader(r), leaderEpoch: 0, isr: r.isr, offlineReplicas: [], error: null },
              replicas: r.target ? [...new Set([...r.target, ...r.replicas])] : r.replicas,
            })),
        }))
      },
      listPartitionReassignments: async () =>
        this.rows.flatMap((r) => {
          if (!r.target) return []
          const partition = this.rows.filter((one) => one.topic === r.topic).indexOf(r)
          const replicas = [...new Set([...r.target, ...r.replicas])]
          const removing = r.replicas.filter((id) => !r.target!.includes(id))
          return [{ topic: r.topic, partition, replicas, adding: [], removing }]
        }),
      alterPartitionReassignments: async (
        wanted: readonly { topic: string; partition: number; replicas: readonly number[] | null }[],
      ) =>
        wanted.map(({ topic, partition, replicas }) => {
          const row = this.rows.filter((r) => r.topic === topic)[partition]!
          row.target = [...replicas!]
          row.untilMs = this.clock.monotonic() + MOVE_MS
          this.moves++
          return { topic, partition, error: null }
        }),
      electPreferredLeaders: async (partitions: readonly { topic: string; partition: number }[]) => {
        this.elected = partitions.map((p) => `${p.topic}-${p.partition}`).sort()
        return partitions.map((p) => ({ ...p, error: null }))
      },
      describeConfigs: async () => [
        {
          ...{ type: 'broker' as const, name: '', error: null },
          configs: [{ name: 'min.insync.replicas', value: this.minInsyncReplicas } as never],
        },
      ],
      incrementalAlterConfigs: async (changes: readonly { configs: readonly { value?: string | null }[] }[]) => {
        this.minInsyncReplicas = changes[0]!.configs[0]!.value!
        return []
      },
      unregisterBroker: async (id: number) => {
        if (!this.registered.delete(id)) throw new KafkaError('BROKER_ID_NOT_REGISTERED')
      },
    }
    let ended: unknown = 'running'
    resize({
      admin,
      clock: this.clock,
      brokerIds: [...o.keep, ...o.leave],
      replicationFactor: 3,
      internalReplicationFactor: 3,
      say: (line) => this.said.push(line),
      minInsyncReplicas: { before: 1, now: 1 },
      growthEnded: () => this.growthEnded++,
      retire: async () => this.stop(...o.leave),
      ...o,
    }).then(
      () => (ended = 'done'),
      (error) => (ended = error),
    )
    for (let i = 0; i < 600 && ended === 'running'; i++) await this.sim.time.runFor(250)
    return ended
  }

  get replicas(): string[] {
    return this.rows.map((r) => r.replicas.join())
  }
}

const world = (...brokers: number[]) => new FakeCluster(new Simulation('resize'), brokers)

describe('moving all partitions to given brokers', () => {
  test('who leaves goes when nothing is on it, and is forgotten', async () => {
    const c = world(1, 2, 3)
    c.add('a', [1, 2, 3])
    c.add('a', [2])
    c.add('b', [3])
    expect(await c.run({ keep: [1], leave: [2, 3] })).toBe('done')
    expect(c.replicas).toEqual(['1', '1', '1'])
    expect([...c.registered]).toEqual([1])
    expect(c.said).toEqual([
      '0 of 3 partitions are where they should be.',
      'All partitions are on broker 1: 3 had to move.',
      'Nothing is left on brokers 2 and 3: they have left the cluster.',
    ])
  })

  test('topics that were on the only broker get replicas, and that is asked for once', async () => {
    const c = world(1, 2, 3)
    c.add('a', [1])
    c.add('__consumer_offsets', [1], true)
    expect(
      await c.run({
        keep: [1, 2, 3],
        leave: [],
        grownFrom: 1,
        replicationFactor: 2,
        minInsyncReplicas: { before: 1, now: 2 },
      }),
    ).toBe('done')
    expect(c.rows.map((r) => r.replicas.length)).toEqual([2, 3])
    expect(c.growthEnded).toBe(1)
    expect(c.minInsyncReplicas).toBe('2')
    expect(c.elected).toEqual(['__consumer_offsets-0', 'a-0'].sort())
  })

  test('interrupted at any moment, it goes on where it was', async () => {
    const c = world(1, 2, 3)
    for (let i = 0; i < 4; i++) c.add('a', [3])
    c.rows[0]!.target = [1]
    c.rows[0]!.untilMs = MOVE_MS
    expect(await c.run({ keep: [1, 2], leave: [3] })).toBe('done')
    expect(c.moves).toBe(3)
    expect(c.replicas).toEqual(['1', '2', '1', '2'])
  })

  test('a broker that comes late is waited for', async () => {
    const c = world(1, 2)
    c.add('a', [2])
    c.running.delete(2)
    c.clock.after(40_000, () => c.running.add(2))
    expect(await c.run({ keep: [2], leave: [1] })).toBe('done')
    expect(c.said[0]).toBe('Partitions are not moved before broker 2 is there.')
  })

  test('one that leaves and never comes is done without, if others have all that it had', async () => {
    const c = world(1, 2)
    c.add('a', [1, 2])
    c.stop(2)
    expect(await c.run({ keep: [1], leave: [2] })).toBe('done')
    expect(c.said).toContain('Without broker 2, which does not run.')
    expect(c.replicas).toEqual(['1'])
  })

  test('what only such a one has would be lost: that is refused, with what to do', async () => {
    const c = world(1, 2, 3)
    c.add('a', [1])
    c.add('b', [3])
    c.stop(3)
    const ended = await c.run({ keep: [1], leave: [2, 3] })
    expect(ended).toBeInstanceOf(ResizeRefused)
    expect((ended as Error).message).toBe(
      'b-0 (on 3) has no replica in sync on a broker that runs, so going on with broker 1 alone would lose what is in it. ' +
        'Start with BROKERS=3 and mend broker 3, or delete the topic.',
    )
    expect([...c.registered]).toEqual([1, 2, 3])
  })

  test('a topic made on a broker in its last moments moves without it', async () => {
    const c = world(1, 2)
    c.add('a', [2])
    const retire = async () => {
      c.add('b', [1, 2])
      c.stop(2)
    }
    expect(await c.run({ keep: [1], leave: [2], retire })).toBe('done')
    expect(c.replicas).toEqual(['1', '1'])
  })
})
