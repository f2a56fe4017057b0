/** What the measurements share: topics of their own, processor time, a disk that has nothing left to write. */
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds } from '../../lib/processes.ts'
import type { System } from '../../lib/system.ts'
import type { Contender, Place } from '../contenders.ts'
import * as probe from '../probe.ts'

export const MiB = 2 ** 20

export interface Sizes {
  /** Records of 100 B and of 1 KiB in a throughput run. */
  small: number
  large: number
  latencySeconds: number
  unflushed: number
  streamed: number
  topics: number
  /** Consumers with nothing to read. */
  idlers: number
}

/** One that has been started. */
export interface Running {
  who: Contender
  system: System
  place: Place
}

let topics = 0
export const newTopic = () => `bench-${process.pid}-${topics++}`

/** What all that a measurement asks of a system: a broker or a cluster. */
export type Measured = Pick<System, 'engine' | 'all' | 'bootstrap'>

export async function withCpu<T>(system: Measured, work: () => Promise<T>): Promise<T & { cpu: number }> {
  const engine = system.engine()
  const before = cpuSeconds(engine)
  const result = await work()
  return { ...result, cpu: cpuSeconds(engine) - before }
}

export async function discard(system: Measured, topic: string): Promise<void> {
  await probe.deleteTopic(system.bootstrap, topic)
  await sleep(300)
}

/** What others wrote before is on the disk: it would be written while this one is measured. */
export const settleDisk = () => void spawnSync('sync')
