/**
 * What a broker gives its partitions that have other replicas: who the others are, who takes changes of the ISR to the controller,
 * where those are counted; and the look at all of them, now and then, for followers that lag.
 */
import type { Clock } from '../env/env.ts'
import type { Configs } from '../metadata/configs.ts'
import type { MetadataImage } from '../metadata/image.ts'
import type { Brokers } from '../replication/leader_state.ts'
import type { ReplicationOptions } from '../replication/partition_options.ts'
import type { LeveledLogger } from '../rpc/logger.ts'
import { IsrChanges, type IsrChangesOptions } from './isr_changes.ts'
import type { BrokerMetrics } from './metrics.ts'
import type { Partitions } from './partitions.ts'
import { isRackAware, RACK_AWARE } from './preferred_read_replica.ts'

export interface BrokerReplicationOptions {
  readonly clock: Clock
  readonly nodeId: number
  readonly brokerEpoch: () => number
  readonly image: MetadataImage
  readonly configs: Configs
  readonly metrics: BrokerMetrics
  readonly log: LeveledLogger
  readonly ask: IsrChangesOptions['ask']
}

export class BrokerReplication {
  private readonly changes: IsrChanges
  private readonly brokers: Brokers
  private cancelCheck = () => {}

  constructor(private readonly o: BrokerReplicationOptions) {
    const { image, log } = o
    this.changes = new IsrChanges({ ...o, warn: (line) => log.warn(line) })
    const selector = o.configs.broker['replica.selector.class']
    if (selector && !isRackAware({ config: o.configs.broker })) {
      log.warn(`replica.selector.class=${selector} is not known here, only ${RACK_AWARE}: consumers read from leaders`)
    }
    this.brokers = {
      isAlive: (id) => image.brokers.get(id)?.fenced === false,
      isActive: (id) => image.isActive(id),
      epochOf: (id) => image.brokers.get(id)?.brokerEpoch,
    }
  }

  /** For `Partitions`. */
  readonly of = (p: { topicId: string; topic: string; index: number }): ReplicationOptions => ({
    nodeId: this.o.nodeId,
    brokers: this.brokers,
    lagTimeMaxMs: this.lagTimeMaxMs,
    alterIsr: (change) => this.changes.submit(p.topicId, p.index, change),
    onIsrChange: (change, isr) => {
      const { metrics, log } = this.o
      const wanted = change.isr.map((member) => member.brokerId)
      if (isr === undefined) {
        metrics.isrUpdatesFailed++
        log.info(`the ISR of ${p.topic}-${p.index} is not changed to ${wanted}: the controller knows better`)
        return
      }
      if (change.kind === 'expand') metrics.isrExpands++
      else metrics.isrShrinks++
      log.info(`the ISR of ${p.topic}-${p.index} is ${isr} now`)
    },
  })

  /** Looks at all partitions led here, every half of replica.lag.time.max.ms. */
  startChecks(partitions: Partitions): void {
    const next = () => {
      this.cancelCheck = this.o.clock.after(Math.max(1, this.lagTimeMaxMs() / 2), () => {
        next()
        for (const { partition } of partitions.all()) partition?.checkIsr()
      })
    }
    next()
  }

  /** Brokers have come, gone or changed. */
  brokersChanged(partitions: Partitions): void {
    for (const { partition } of partitions.all()) partition?.brokersChanged()
  }

  stop(): void {
    this.cancelCheck()
    this.changes.stop()
  }

  private readonly lagTimeMaxMs = (): number => this.o.configs.broker['replica.lag.time.max.ms']
}
