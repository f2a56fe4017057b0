/** Many topics at once, each in a request of its own and all in one, and their deletion. */
import * as probe from '../probe.ts'
import { compare, record } from '../results.ts'
import { newTopic, type Running, type Sizes } from './lib.ts'

const group = 'Topics of 6 partitions'

export async function manyTopics({ who, system }: Running, { topics }: Sizes): Promise<void> {
  for (const [perRequest, how] of [
    [1, 'one a request'],
    [topics, 'in one request'],
  ] as const) {
    const { create_s, delete_s } = await probe.topics(system.bootstrap, newTopic(), topics, 6, perRequest)
    for (const [what, seconds] of [
      [`${topics.toLocaleString('en-US')} created, ${how}`, create_s],
      [`${topics.toLocaleString('en-US')} deleted, ${how}`, delete_s],
    ] as const) {
      record(group, what, 's', who, seconds)
      compare(group, what, 's', { ours: 'weir', theirs: 'kafka' }, { atMost: 0.5 })
    }
  }
}
