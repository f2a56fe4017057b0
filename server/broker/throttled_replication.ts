/** Both quotas of replication, as the settings of topics and brokers say (KIP-73). */
import type { Clock } from '../env/env.ts'
import type { Configs } from '../metadata/configs.ts'
import { type MetadataImage, resourceType } from '../metadata/image.ts'
import { ReplicationQuota } from '../quota/replication_quota.ts'

export class ThrottledReplication {
  readonly leader: ReplicationQuota
  readonly follower: ReplicationQuota

  constructor(
    private readonly configs: Configs,
    o: { readonly clock: Pick<Clock, 'monotonic'>; readonly nodeId: number },
  ) {
    const { broker } = configs
    const windows = {
      samples: broker['replication.quota.window.num'],
      windowMs: broker['replication.quota.window.size.seconds'] * 1000,
    }
    const rate = (name: 'leader.replication.throttled.rate' | 'follower.replication.throttled.rate') => () =>
      configs.broker[name]
    this.leader = new ReplicationQuota({ ...o, windows, bytesPerSecond: rate('leader.replication.throttled.rate') })
    this.follower = new ReplicationQuota({ ...o, windows, bytesPerSecond: rate('follower.replication.throttled.rate') })
  }

  /** Takes over what all topics say. */
  follow(image: MetadataImage): void {
    this.topicsChanged(image.configs.get(resourceType.topic)?.keys() ?? [])
  }

  topicsChanged(topics: Iterable<string>): void {
    for (const topic of topics) {
      const config = this.configs.topicConfigOf(topic)
      this.leader.setReplicas(topic, config['leader.replication.throttled.replicas'])
      this.follower.setReplicas(topic, config['follower.replication.throttled.replicas'])
    }
  }
}
