/** The committed image as `ClusterView`. What handlers ask most often, a topic, is translated once and kept until it changes. */

import { directoryOf } from '../metadata/directory_id.ts'
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
  ) {}

  /** A broker has come, gone or changed, or a directory of its: whose replicas are offline has to be found out anew. */
  brokersChanged(): void {
    this.views = new WeakMap()
  }

  get controllerId(): number {
    for (const { brokerId, fenced } of this.image.brokers.values()) if (!fenced) return brokerId
    return -1
  }

  brokers(): BrokerView[] {
    return [...this.image.brokers.values()].flatMap((b) => {
      const endpoint = b.endPoints.find((e) => e.name === this.listenerName)
      if (!endpoint || b.fenced) return []
      return [{ nodeId: b.brokerId, host: endpoint.host, port: endpoint.port, rack: b.rack }]
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

  private isOnline(p: PartitionImage, id: number): boolean {
    const failed = id === this.nodeId && this.failedDirectories.has(directoryOf(p, id) ?? '')
    return !failed && this.image.isOnline(p, id)
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
