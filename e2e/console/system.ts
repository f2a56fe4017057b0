/** What the console is tried on: Weir as a user starts it, or Weir beside an Apache Kafka. Free ports, a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafka } from '../lib/kafka.ts'
import type { System } from '../lib/system.ts'
import { startWeir, type Weir } from '../lib/weir.ts'

export const systemName = (): 'weir' | 'kafka' => (process.env.CONSOLE_ON === 'kafka' ? 'kafka' : 'weir')

export interface Running {
  /** http://HOST:PORT of the console. */
  url: string
  /** HOST:PORT for clients. */
  bootstrap: string
  /** The process that shows the console. */
  weir: Weir
  stop(): Promise<void>
}

/** Groups form at once; everything else is as it is by default. */
const settings = { 'group.initial.rebalance.delay.ms': '0' }

export async function startSystem(
  name = systemName(),
  more: { brokers?: number; settings?: Record<string, string> } = {},
): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-console-'))
  const started: System[] = []
  const stop = async () => {
    for (const one of started.reverse()) await one.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    let bootstrap: string
    let weir: Weir
    if (name === 'kafka') {
      const kafka = await startKafka({ dataDir: join(folder, 'kafka'), settings, heap: ['-Xmx1G', '-Xms256m'] })
      started.push(kafka)
      bootstrap = kafka.bootstrap
      const flags = { 'kafka-brokers': bootstrap }
      weir = await startWeir({ dataDir: join(folder, 'weir'), settings: flags, wait: false })
    } else {
      const all = { ...settings, ...more.settings }
      weir = await startWeir({ dataDir: join(folder, 'weir'), settings: all, brokers: more.brokers ?? 1 })
      bootstrap = weir.bootstrap
    }
    started.push(weir)
    return { url: await weir.console(), bootstrap, weir, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
