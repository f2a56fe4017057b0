/** What a thousand consumers cost that have nothing to read, on a system that does nothing else. */
import { cpuSeconds, residentBytes } from '../../lib/processes.ts'
import { type Contender, place, settled, start } from '../contenders.ts'
import { idleConsumers } from '../idle.ts'
import * as probe from '../probe.ts'
import { compare, record } from '../results.ts'
import { newTopic, type Sizes } from './lib.ts'

const group = 'Idle consumers, each in a group of its own'

export async function idle(who: Contender, parent: string, { idlers }: Sizes): Promise<void> {
  const system = await start(who, await place(who, parent))
  try {
    await settled(system)
    const topic = newTopic()
    await probe.createTopic(system.bootstrap, topic, 1)
    const { bytesEach, cpuPercent } = await idleConsumers({
      bootstrap: system.bootstrap,
      topic,
      consumers: idlers,
      residentBytes: () => residentBytes(system.engine()),
      cpuSeconds: () => cpuSeconds(system.engine()),
    })
    const pair = { ours: 'weir', theirs: 'kafka' } as const
    const count = idlers.toLocaleString('en-US')
    record(group, `memory for each of ${count}`, 'KiB', who, bytesEach / 1024)
    compare(group, `memory for each of ${count}`, 'KiB', pair, { limit: 20 })
    record(group, `processor time for all ${count}`, '% of a core', who, cpuPercent)
    compare(group, `processor time for all ${count}`, '% of a core', pair)
  } finally {
    await system.stop()
  }
}
