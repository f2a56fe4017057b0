/** One connection that streams v3 records of 1 KB, and `kcat -P` with the same records into the same broker. */
import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { System } from '../../lib/system.ts'
import * as probe from '../probe.ts'
import { compare, nameColumns, record } from '../results.ts'
import { discard, newTopic, type Sizes } from './lib.ts'

const group = 'HTTP, one connection streaming v3 records of 1 KB'
const what = 'records acknowledged'

export async function http(system: System, url: string, parent: string, { streamed }: Sizes): Promise<void> {
  nameColumns(group, 'HTTP', 'kcat -P')
  const lines = join(parent, 'lines')
  writeFileSync(lines, `${'x'.repeat(1_000)}\n`.repeat(streamed))
  const [byHttp, byKcat] = [newTopic(), newTopic()]
  for (const topic of [byHttp, byKcat]) await probe.createTopic(system.bootstrap, topic, 1)
  const started = performance.now()
  const kcat = spawn('kcat', ['-q', '-P', '-b', system.bootstrap, '-t', byKcat, '-l', lines], { stdio: 'ignore' })
  const status = await new Promise((resolve) => kcat.once('error', resolve).once('exit', resolve))
  if (status !== 0) throw new Error(`kcat ended with ${status}`)
  record(group, what, 'records/s', 'kafka', streamed / ((performance.now() - started) / 1000))
  const rate = await probe.stream(url, system.bootstrap, byHttp, streamed, 1_000)
  record(group, what, 'records/s', 'weir', rate.records_s)
  compare(group, what, 'records/s', { ours: 'weir', theirs: 'kafka' }, { atLeast: 0.15 })
  rmSync(lines)
  for (const topic of [byHttp, byKcat]) await discard(system, topic)
}
