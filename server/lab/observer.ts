/**
 * Looks at a cluster again and again while a run lasts, and has taken down what has changed: processes, leaders, epochs, ISRs,
 * groups. It asks brokers that can know: one that is paused or cut off would tell of a past that is over.
 */
import type { Client } from '../client/client.ts'
import type { TopicMetadata } from '../client/metadata.ts'
import type { Env } from '../env/env.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import type { Control, LabProcess } from './processes.ts'
import type { Recorder } from './recorder.ts'

const LOOK_MS = 200
const WIDE_LOOK_MS = 1_000
/** A look at everything may take this share of the time until the next: of a large cluster it is much to ask. */
const SHARE = 0.1
const LONGEST_PAUSE_MS = 5_000
/** Of a topic, taken down one by one: the first. */
const MAX_PARTITIONS = 50
/** Groups taken down: the first by name. */
const MAX_GROUPS = 20

export class Observer {
  processes: readonly LabProcess[] = []
  /** `clock.monotonic()` of when they were asked for. */
  processesAt = Number.NEGATIVE_INFINITY
  /** Of the lab's topic, as last known. */
  topic: TopicMetadata | undefined
  private counts: { partitions: number; offline: number; underReplicated: number } | undefined
  private readonly cancels = new Set<() => void>()
  private stopped = false

  constructor(
    private readonly env: Env,
    private readonly client: Client,
    private readonly control: Control | null,
    private readonly recorder: Recorder,
    private readonly name: string,
    private readonly watched: string | null,
  ) {}

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await this.lookAtProcesses().catch(() => {})
    await this.lookAtTopic().catch(() => {})
    await this.lookAtAll().catch(() => {})
    this.repeat(() => this.lookAtProcesses(), LOOK_MS)
    this.repeat(() => this.lookAtTopic(), LOOK_MS)
    this.repeat(() => this.lookAtAll(), WIDE_LOOK_MS)
    this.repeat(() => this.lookAtGroups(), WIDE_LOOK_MS)
  }

  stop(): void {
    this.stopped = true
    for (const cancel of this.cancels) cancel()
  }

  /** What cannot be seen now is looked at again. */
  private repeat(look: () => Promise<void>, everyMs: number): void {
    const { clock } = this.env
    const again = (ms: number) => {
      if (this.stopped) return
      const cancel = clock.after(ms, () => {
        this.cancels.delete(cancel)
        const began = clock.monotonic()
        look()
          .catch(() => {})
          .finally(() => {
            const enoughMs = (clock.monotonic() - began) / SHARE
            // A narrow look costs little, and what was slow about it was a broker that does not answer.
            again(everyMs < WIDE_LOOK_MS ? everyMs : Math.min(LONGEST_PAUSE_MS, Math.max(everyMs, enoughMs)))
          })
      })
      this.cancels.add(cancel)
    }
    again(everyMs)
  }

  private async lookAtProcesses(): Promise<void> {
    if (!this.control) return
    const asked = this.env.clock.monotonic()
    const processes = await this.control.processes()
    if (this.stopped) return
    this.processes = processes
    this.processesAt = asked
    for (const { id, state, faults, controllable } of processes) {
      if (!controllable) continue
      this.recorder.state(`process ${id}`, { kind: 'process', process: id, state })
      this.recorder.state(`faults ${id}`, { kind: 'faults', process: id, faults })
    }
  }

  private async lookAtTopic(): Promise<void> {
    const topics = await this.metadata(this.watched === null ? [this.name] : [this.name, this.watched])
    if (this.stopped) return
    this.tellOfCluster()
    for (const topic of topics.filter((t) => !t.error)) {
      if (topic.name === this.name) this.topic = topic
      for (const { partition, leader, leaderEpoch, isr, replicas } of topic.partitions.slice(0, MAX_PARTITIONS)) {
        this.recorder.state(`partition ${topic.name} ${partition}`, {
          kind: 'partition',
          topic: topic.name,
          partition,
          leader,
          leaderEpoch,
          isr: [...isr].sort((a, b) => a - b),
          replicas,
        })
      }
    }
  }

  private async lookAtAll(): Promise<void> {
    const partitions = (await this.metadata(null)).flatMap((t) => t.partitions)
    if (this.stopped) return
    this.counts = {
      partitions: partitions.length,
      offline: partitions.filter((p) => p.leader < 0).length,
      underReplicated: partitions.filter((p) => p.isr.length < p.replicas.length).length,
    }
    this.tellOfCluster()
  }

  /** Which brokers there are comes with every answer, the counts with those about everything. */
  private tellOfCluster(): void {
    if (!this.counts) return
    const brokers = [...this.client.cluster.metadata.brokers.keys()].sort((a, b) => a - b)
    this.recorder.state('cluster', { kind: 'cluster', brokers, ...this.counts })
  }

  private async lookAtGroups(): Promise<void> {
    const { groups } = await this.client.admin.listGroups()
    const ids = groups.map((g) => g.groupId).slice(0, MAX_GROUPS)
    if (ids.length === 0) return
    for (const group of await this.client.admin.describeGroups(ids)) {
      if (this.stopped || group.error) continue
      this.recorder.state(`group ${group.groupId}`, {
        kind: 'group',
        group: group.groupId,
        state: group.state,
        members: group.members.length,
        epoch: group.groupEpoch,
        coordinator: group.coordinator,
      })
    }
  }

  /** From the first broker that can know and answers. */
  private async metadata(names: readonly string[] | null): Promise<TopicMetadata[]> {
    const { cluster } = this.client
    const doubtful = new Set(
      this.processes.filter((p) => p.state !== 'running' || p.faults.cutOff !== 'no').map((p) => p.nodeId),
    )
    for (const id of [...cluster.metadata.brokers.keys()].filter((node) => !doubtful.has(node))) {
      try {
        const connection = await cluster.node(id)
        const topics = names?.map((name) => ({ name })) ?? null
        const answer = await connection.send(Metadata, { topics, allowAutoTopicCreation: false })
        return cluster.metadata.update(answer, this.env.clock.monotonic())
      } catch {
        // The next one may know.
      }
    }
    return cluster.refresh(names)
  }
}
