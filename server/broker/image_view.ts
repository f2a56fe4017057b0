/** The committed image as `ClusterView`. What handlers ask most often, a topic, is translated once and kept until it changes. */

import type { Random } from '../env/env.ts'
import { directoryOf, hasOnlineDirectory } from '../metadata/directory_id.ts'
import { type Features, featuresOf } from '../metadata/features_of.ts'
import type { MetadataImage, PartitionImage, TopicImage } from '../metadata/image.ts'
import { topicNameProblem } from '../metadata/topic_name.ts'
import type { KafkaError } from '../protocol/errors.ts'
import type { BrokerView, ClusterView, TopicView } from './cluster_view.ts'

export class ImageView implements ClusterView {
  private views = new WeakMap<TopicImage, TopicView>()

  constructor(
    private readonly image: MetadataImage,
    /** The listener whose addresses clients are told. */
    private readonly listenerName: string,
    private readonly nodeId: number,
    /** Ids of this broker's log directories that have failed: it knows before the metadata does, which may never. */
    private readonly failedDirectories: ReadonlySet<string>,
    private readonly random: Random,
  ) {}

  /** A broker has come, gone or changed, or a directory of its: whose replicas are offline has to be found out anew. */
  brokersChanged(): void {
    this.views = new WeakMap()
  }

  /** Clients cannot reach the controller itself: as in Kafka they are told of some broker, which passes on what is for it. */
  get controllerId(): number {
    const ids = [...this.image.brokers.keys()].filter((id) => this.isAlive(id))
    return (ids.length > 1 ? ids[this.random.int(ids.length)] : ids[0]) ?? -1
  }

  brokers({ fencedToo = false } = {}): BrokerView[] {
    return [...this.image.brokers.values()].flatMap((b) => {
      const endpoint = b.endPoints.find((e) => e.name === this.listenerName)
      if (!endpoint || (b.fenced && !fencedToo)) return []
      return [{ nodeId: b.brokerId, host: endpoint.host, port: endpoint.port, rack: b.rack, isFenced: b.fenced }]
    })
  }

  topic(name: string): TopicView | undefined {
    const topic = this.image.topic(name)
    return topic && this.view(topic)
  }

  *topics(): Iterable<TopicView> {
    for (const topic of this.image.topics.values()) yield this.view(topic)
  }

  topicName(topicId: string): string | undefined {
    return this.image.topicNames.get(topicId)
  }

  topicNameProblem(name: string): KafkaError | undefined {
    return topicNameProblem(name)
  }

  features(): Features {
    return featuresOf(this.image)
  }

  /** One that is about to stop is: it serves until others do. */
  private isAlive(id: number): boolean {
    return this.image.brokers.get(id)?.fenced === false
  }

  isOnline(p: PartitionImage, id: number): boolean {
    const failed = id === this.nodeId && this.failedDirectories.has(directoryOf(p, id) ?? '')
    return !failed && this.isAlive(id) && hasOnlineDirectory(p, id, this.image.brokers.get(id)!.logDirs)
  }

  private view(topic: TopicImage): TopicView {
    let view = this.views.get(topic)
    if (!view) {
      view = {
        name: topic.name,
        topicId: topic.topicId,
        partitions: topic.partitions.map((p) => ({
          partitionIndex: p.partitionId,
          leader: this.isOnline(p, p.leader) ? p.leader : -1,
          leaderEpoch: p.leaderEpoch,
          replicas: [...p.replicas],
          isr: [...p.isr],
          offlineReplicas: p.replicas.filter((id) => !this.isOnline(p, id)),
        })),
      }
      this.views.set(topic, view)
    }
    return view
  }
}
