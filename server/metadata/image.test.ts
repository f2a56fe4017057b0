import { expect, test } from 'vitest'
import { bootstrapRecords } from './bootstrap.ts'
import { MetadataImage } from './image.ts'
import { type MetadataRecord, metadataRecord } from './record_codec.ts'

function imageOf(...records: MetadataRecord[]): MetadataImage {
  const image = new MetadataImage()
  records.forEach((record, offset) => {
    image.apply(record, { offset, timestampMs: offset })
  })
  return image
}
const begin = metadataRecord('BeginTransactionRecord', { name: null })
const end = metadataRecord('EndTransactionRecord', {})
const abort = metadataRecord('AbortTransactionRecord', { reason: null })
const topic = metadataRecord('TopicRecord', { name: 'a', topicId: 'a'.repeat(22) })

test('records of a metadata transaction count from its end on, and never if it is aborted', () => {
  expect(imageOf(begin, topic).topics.size).toBe(0)
  expect(imageOf(begin, topic, end).topics.size).toBe(1)
  expect(imageOf(begin, topic, abort).topics.size).toBe(0)
  expect(imageOf(begin, topic, abort).nextOffset).toBe(3)
})

test('a feature at level 0 is off', () => {
  const image = imageOf(
    ...bootstrapRecords(),
    metadataRecord('FeatureLevelRecord', { name: 'share.version', featureLevel: 0 }),
  )
  expect(image.features.has('share.version')).toBe(false)
  expect(image.metadataVersion).toBe(30)
})

test('a change of what is not there is our bug and says so', () => {
  expect(() => imageOf(metadataRecord('RemoveTopicRecord', { topicId: 'b'.repeat(22) }))).toThrow('which is not there')
  expect(() => imageOf(metadataRecord('FenceBrokerRecord', { id: 3, epoch: 0 }))).toThrow('which is not registered')
})
