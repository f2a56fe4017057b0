/**
 * One run: makes the lab's topic anew, writes to it, looks at the cluster, plays a scenario if there is one, and comes to a
 * summary. Whoever starts it reads it at any time and is told when it has ended.
 */
import { type Client, createClient, parseAddresses } from '../client/client.ts'
import type { Env } from '../env/env.ts'
import { KafkaError } from '../protocol/errors.ts'
import { Observer } from './observer.ts'
import { play } from './play.ts'
import { Prober } from './prober.ts'
import type { Control } from './processes.ts'
import { Recorder } from './recorder.ts'
import type { Run, RunHead, RunSummary, Verdict } from './run_shape.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { summarize } from './summary.ts'
import { verify } from './verify.ts'

export const LAB_TOPIC = '__weir_lab'

/** A run by hand that somebody has forgotten ends by itself. */
export const MAX_RUN_MS = 30 * 60_000
const VERIFY_MS = 60_000
const READY_MS = 20_000

export interface LabRunOptions {
  readonly id: string
  readonly bootstrap: readonly string[]
  /** Null: the cluster is not embedded. Then there is no scenario. */
  readonly control: Control | null
  readonly scenario: Scenario | null
  /** Another topic to look at. */
  readonly watched?: string | null
  readonly partitions: number
  readonly replicationFactor: number
  readonly minInsyncReplicas: number
}

export class LabRun {
  readonly recorder: Recorder
  readonly head: RunHead
  private prober: Prober | undefined
  private readonly observer: Observer
  private readonly stopping = new AbortController()
  private summary: RunSummary | null = null

  private constructor(
    private readonly env: Env,
    private readonly client: Client,
    private readonly options: LabRunOptions,
    brokers: number,
  ) {
    const { id, scenario, partitions, replicationFactor, minInsyncReplicas, control } = options
    this.head = {
      id,
      scenario: scenario?.id ?? null,
      startedAtMs: env.clock.now(),
      topic: LAB_TOPIC,
      watched: options.watched ?? null,
      partitions,
      replicationFactor,
      minInsyncReplicas,
      brokers,
      embedded: control !== null,
    }
    this.recorder = new Recorder(() => env.clock.now())
    this.observer = new Observer(env, client, control, this.recorder, LAB_TOPIC, this.head.watched)
  }

  /** Resolves once the topic is there and is written to. Throws a KafkaError if it cannot be had. */
  static async start(env: Env, options: LabRunOptions): Promise<LabRun> {
    const client = createClient(env, {
      bootstrap: options.bootstrap.flatMap((list) => parseAddresses(list)),
      clientId: 'weir-lab',
      // What is paused or cut off does not answer, and is to be noticed soon.
      connectTimeoutMs: 1_000,
      requestTimeoutMs: 1_500,
      callTimeoutMs: 10_000,
      retryBackoffMs: 20,
      retryBackoffMaxMs: 100,
    })
    try {
      await makeTopic(client, options)
      const run = new LabRun(env, client, options, (await client.cluster.brokers()).size)
      await run.begin()
      return run
    } catch (error) {
      await client.close()
      throw error
    }
  }

  get running(): boolean {
    return this.summary === null
  }

  read(): Run {
    return {
      head: this.head,
      events: this.recorder.events,
      seconds: this.prober?.seconds ?? [],
      summary: this.summary,
    }
  }

  /** What would be left of it if nothing more were heard of it. */
  soFar(): Run & { summary: RunSummary } {
    return { ...this.read(), summary: this.summary ?? this.sum({ passed: null, verdict: null }) }
  }

  /** Once. */
  onEnd: (run: Run) => void = () => {}

  /** Ends it: nothing more is done, what was done is undone, and it is summed up. */
  stop(): void {
    this.stopping.abort()
  }

  private async begin(): Promise<void> {
    await this.observer.start()
    this.prober = new Prober(this.env, this.client, LAB_TOPIC, this.options.partitions, (partition, code) =>
      this.recorder.event({ kind: 'error', partition, code }),
    )
    this.prober.start()
    void this.last()
  }

  private async last(): Promise<void> {
    let played: { passed: boolean | null; verdict: Verdict | null } = { passed: null, verdict: null }
    try {
      played = await this.perform()
    } catch (error) {
      this.recorder.event({ kind: 'trouble', step: null, message: (error as Error).message })
    }
    await this.prober!.stop()
    this.observer.stop()
    this.summary = this.sum(played)
    await this.client.close()
    this.onEnd(this.read())
  }

  private sum(played: { passed: boolean | null; verdict: Verdict | null }): RunSummary {
    return summarize(this.prober!, {
      ...played,
      endedAtMs: this.env.clock.now(),
      droppedEvents: this.recorder.dropped,
    })
  }

  private async perform(): Promise<{ passed: boolean | null; verdict: Verdict | null }> {
    const { env, observer, recorder } = this
    const { scenario, control } = this.options
    const prober = this.prober!
    const check = async () => {
      await prober.stop()
      return verify(env.clock, this.client, prober, VERIFY_MS)
    }
    const { signal } = this.stopping
    if (scenario && control)
      return play(scenario, { clock: env.clock, control, observer, prober, recorder, verify: check, signal })
    await new Promise<void>((resolve) => {
      const cancel = env.clock.after(MAX_RUN_MS, resolve)
      const end = () => {
        cancel()
        resolve()
      }
      if (signal.aborted) end()
      else signal.addEventListener('abort', end, { once: true })
    })
    return { passed: null, verdict: await check() }
  }
}

/** Anew, so that nothing of another run is in it. */
async function makeTopic({ cluster, admin }: Client, o: LabRunOptions): Promise<void> {
  const [deleted] = await admin.deleteTopics([LAB_TOPIC])
  if (deleted!.error && deleted!.error.error !== 'UNKNOWN_TOPIC_OR_PARTITION') throw deleted!.error
  const retry = { timeoutMs: READY_MS }
  await cluster.retry(async () => {
    const [created] = await admin.createTopics([
      {
        name: LAB_TOPIC,
        partitions: o.partitions,
        replicationFactor: o.replicationFactor,
        configs: { 'min.insync.replicas': String(o.minInsyncReplicas), 'retention.ms': '-1' },
      },
    ])
    // Its deletion may still be on its way to the broker that was asked.
    if (created!.error?.error === 'TOPIC_ALREADY_EXISTS') throw new KafkaError('REQUEST_TIMED_OUT', 'not deleted yet')
    if (created!.error) throw created!.error
  }, retry)
  await cluster.retry(async () => {
    const topic = await cluster.topic(LAB_TOPIC, { maxAgeMs: -1 }).catch((error) => {
      if ((error as KafkaError).error !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
      throw new KafkaError('LEADER_NOT_AVAILABLE')
    })
    if (topic.partitions.length !== o.partitions || topic.partitions.some((p) => p.leader < 0))
      throw new KafkaError('LEADER_NOT_AVAILABLE')
  }, retry)
  // Metadata of the topic that was deleted may have come in between.
  cluster.metadata.forget(LAB_TOPIC)
}
