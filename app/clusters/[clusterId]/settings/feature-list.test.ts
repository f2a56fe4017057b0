import { expect, it } from 'vitest'
import { featuresOf } from './feature-list.ts'

it('takes a plan and its apply for one feature, which lacks what either lacks', () => {
  const features = featuresOf({
    'topics.list': { supported: true, missing: [] },
    'topics.planPurge': { supported: false, missing: ['DeleteRecords', 'ListOffsets version 1'] },
    'topics.applyPurge': { supported: false, missing: ['DeleteRecords'] },
    'groups.planReset': { supported: true, missing: [] },
    'groups.applyReset': { supported: false, missing: ['OffsetCommit'] },
  })
  expect(features).toEqual([
    { id: 'topics.list', supported: true, missing: [] },
    { id: 'topics.purge', supported: false, missing: ['DeleteRecords', 'ListOffsets version 1'] },
    { id: 'groups.reset', supported: false, missing: ['OffsetCommit'] },
  ])
})

it('leaves names that only begin like a plan as they are', () => {
  expect(featuresOf({ 'topics.planets': { supported: true, missing: [] } })[0]!.id).toBe('topics.planets')
})
