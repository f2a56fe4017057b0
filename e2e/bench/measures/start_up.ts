/** Start-up in three states, and what a fresh system takes while nobody uses it. */
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds } from '../../lib/processes.ts'
import type { System } from '../../lib/system.ts'
import { type Contender, place, settled, start } from '../contenders.ts'
import * as probe from '../probe.ts'
import { compare, record, type Target } from '../results.ts'
import { newTopic, type Sizes } from './lib.ts'
import { memory } from './memory.ts'

const restMs = 10_000
const idleMs = 5_000
const group = 'Start to first acknowledged record'
const pair = { ours: 'weir', theirs: 'kafka' } as const

export async function startUp(who: Contender, parent: string, { unflushed }: Sizes): Promise<void> {
  const at = await place(who, parent)
  const timed = async (what: string, target: Target): Promise<System> => {
    const system = await start(who, at, { wait: false })
    const { produce_ms } = await probe.ready(system.bootstrap, system.startedAtMs)
    record(group, what, 'ms', who, produce_ms)
    compare(group, what, 'ms', pair, target)
    return system
  }
  let system = await timed('empty folder', { atMost: 0.15 })
  await settled(system)
  await sleep(restMs)
  memory('At rest', who, system, { atMost: 0.3 })
  const before = cpuSeconds(system.all())
  await sleep(idleMs)
  const used = ((cpuSeconds(system.all()) - before) / (idleMs / 1000)) * 100
  record('At rest', 'processor, all processes', '% of a core', who, used)
  compare('At rest', 'processor, all processes', '% of a core', pair)
  const stopping = Date.now()
  await system.stop()
  record(group, 'a clean stop takes', 'ms', who, Date.now() - stopping)
  compare(group, 'a clean stop takes', 'ms', pair)

  system = await timed('after a clean stop', { atMost: 0.15 })
  await settled(system)
  const topic = newTopic()
  await probe.createTopic(system.bootstrap, topic, 1)
  // acks=1: neither side has synced what it then finds after the crash
  const load = { records: unflushed, size: 100, acks: '1', batchBytes: 131_072, codec: 'none' } as const
  await probe.produce(system.bootstrap, topic, load)
  await system.kill()
  system = await timed(`after SIGKILL with ${unflushed.toLocaleString('en-US')} records not flushed`, { atMost: 0.05 })
  await system.stop()
  rmSync(at.dataDir, { recursive: true })
}
