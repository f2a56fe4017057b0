/**
 * The image of a broker that follows the metadata log: batches go in as they are committed, and who subscribes hears of their records
 * when the image has them. A snapshot from elsewhere replaces all that the image says, which those who follow it are told as records too.
 *
 * Records of a metadata transaction (KIP-868) count, and are told, when it has ended.
 */
import type { Subscriber } from '../../metadata/controller.ts'
import { toRecords } from '../../metadata/image/to_records.ts'
import { type BrokerRegistration, type ClientQuota, MetadataImage, type TopicImage } from '../../metadata/image.ts'
import { QuorumRecords } from '../../metadata/quorum_records.ts'
import { type MetadataRecord, metadataRecord, metadataRecordCodec } from '../../metadata/record_codec.ts'
import { encodeSnapshot, type Snapshot, type SnapshotId } from '../../metadata/snapshot.ts'
import { iterateRecords, type RecordBatch } from '../../records/batch.ts'

export class CommittedImage {
  /** The same object for ever. Readers must not change it. */
  readonly image = new MetadataImage()
  private quorum = new QuorumRecords()
  private readonly subscribers = new Set<Subscriber>()
  /** Not told yet: those of a transaction that has not ended. */
  private untold: MetadataRecord[] = []
  /** Of the last batch in it. */
  epoch = 0
  /** Exclusive: up to here everything of the log is in it. */
  endOffset = 0

  subscribe(fn: Subscriber): () => void {
    this.subscribers.add(fn)
    return () => this.subscribers.delete(fn)
  }

  /** The next batches of the log, all of them committed. Throws a MalformedError at a record that we do not know. */
  take(batches: readonly RecordBatch[]): void {
    this.tell(this.apply(batches))
  }

  /** Returns what is to be told. */
  private apply(batches: readonly RecordBatch[]): MetadataRecord[] {
    const told: MetadataRecord[] = []
    for (const batch of batches) {
      if (batch.isControl) {
        this.quorum.take(batch)
        this.image.kraftVersion = this.quorum.kraftVersion
      } else {
        for (const { key, value, offset, timestamp } of iterateRecords(batch)) {
          const record = metadataRecordCodec.decode(key, value)!
          this.image.apply(record, { offset, timestampMs: timestamp })
          this.untold.push(record)
          if (record.name === 'AbortTransactionRecord') this.untold = []
          if (this.image.transaction === undefined) told.push(...this.untold.splice(0))
        }
      }
      this.epoch = batch.partitionLeaderEpoch
      this.endOffset = batch.nextOffset
    }
    return told
  }

  /** Everything anew, as the snapshot has it. */
  replace(snapshot: Snapshot & SnapshotId): void {
    const wentBack = snapshot.endOffset < this.endOffset
    const before = followed(this.image)
    this.become(snapshot)
    this.tell([...removals(before, this.image), ...snapshot.records], { wentBack })
  }

  /**
   * Everything anew, as a snapshot, or nothing, and the batches behind it have it, for the controllers have lost what came after. What is
   * left is told at once: of nothing that they still have anybody is to believe for a moment that it is gone.
   */
  goBack(snapshot: (Snapshot & SnapshotId) | undefined, batches: readonly RecordBatch[]): void {
    const before = followed(this.image)
    this.become(snapshot ?? NOTHING)
    this.apply(batches)
    this.tell([...removals(before, this.image), ...toRecords(this.image)], { wentBack: true })
  }

  private become(snapshot: Snapshot & SnapshotId): void {
    const { image } = this
    image.clear()
    const at = { offset: snapshot.endOffset - 1, timestampMs: snapshot.lastContainedLogTimestamp }
    for (const record of snapshot.records) image.apply(record, at)
    image.nextOffset = snapshot.endOffset
    this.quorum = snapshot.quorum
    image.kraftVersion = this.quorum.kraftVersion
    this.untold = []
    this.epoch = snapshot.epoch
    this.endOffset = snapshot.endOffset
  }

  /** The image as a snapshot file, and what it is to be called; undefined within a transaction. */
  snapshot(nowMs: number): { id: SnapshotId; file: Buffer } | undefined {
    const { image, epoch, endOffset } = this
    if (image.transaction !== undefined) return undefined
    const at = { epoch, lastContainedLogTimestamp: image.lastTimestampMs, timestamp: nowMs }
    const file = encodeSnapshot(toRecords(image), at, this.quorum.records)
    return { id: { endOffset, epoch }, file }
  }

  private tell(records: readonly MetadataRecord[], o?: Parameters<Subscriber>[1]): void {
    if (records.length === 0) return
    for (const fn of [...this.subscribers]) fn(records, o)
  }
}

/** As before the first record. */
const NOTHING = {
  ...{ records: [], lastContainedLogTimestamp: -1, endOffset: 0, epoch: 0 },
  get quorum() {
    return new QuorumRecords()
  },
}

type Followed = {
  readonly topics: readonly TopicImage[]
  readonly brokers: readonly BrokerRegistration[]
  readonly configs: readonly (readonly [number, ReadonlyMap<string, ReadonlyMap<string, string>>])[]
  readonly clientQuotas: readonly (readonly [string, ClientQuota])[]
}

/** What of an image anybody follows, as it is now. */
const followed = (image: MetadataImage): Followed => ({
  topics: [...image.topics.values()],
  brokers: [...image.brokers.values()],
  configs: [...image.configs],
  clientQuotas: [...image.clientQuotas],
})

/** The records that would have taken out of `before` what `after` has no more, of what anybody follows. */
function* removals(before: Followed, after: MetadataImage): Generator<MetadataRecord> {
  for (const { topicId } of before.topics) {
    if (!after.topicNames.has(topicId)) yield metadataRecord('RemoveTopicRecord', { topicId })
  }
  for (const { brokerId, brokerEpoch } of before.brokers) {
    if (!after.brokers.has(brokerId)) yield metadataRecord('UnregisterBrokerRecord', { brokerId, brokerEpoch })
  }
  for (const [resourceType, byName] of before.configs) {
    for (const [resourceName, values] of byName) {
      const left = after.configsOf(resourceType, resourceName)
      for (const name of values.keys()) {
        if (!left.has(name)) yield metadataRecord('ConfigRecord', { resourceType, resourceName, name, value: null })
      }
    }
  }
  for (const [id, { entity, values }] of before.clientQuotas) {
    const left = after.clientQuotas.get(id)?.values
    for (const key of values.keys()) {
      if (!left?.has(key))
        yield metadataRecord('ClientQuotaRecord', { entity: [...entity], key, value: 0, remove: true })
    }
  }
}
