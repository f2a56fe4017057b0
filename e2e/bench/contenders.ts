/** Who is measured: each is started on a folder of its own. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { formatKafka, startKafka } from '../lib/kafka.ts'
import { freePort } from '../lib/processes.ts'
import type { System } from '../lib/system.ts'
import { startWeir, type Weir } from '../lib/weir.ts'

const kinds = {
  weir: { kafka: false, settings: {} },
  'weir unsynced': { kafka: false, settings: { 'weir.acks.all.sync': 'false' } },
  kafka: { kafka: true, settings: {} },
  'kafka flushing': { kafka: true, settings: { 'log.flush.interval.messages': '1' } },
} as const

export type Contender = keyof typeof kinds

export interface Place {
  dataDir: string
  port: number
}

/** With Apache Kafka in our stead: what then differs from 1 is noise. */
let selfTest = false
export const compareKafkaWithItself = (): void => {
  selfTest = true
}

export const isKafka = (who: Contender): boolean => kinds[who].kafka || selfTest
const settingsOf = (who: Contender): Record<string, string> =>
  kinds[who].kafka || !selfTest ? { ...kinds[who].settings } : {}

/** An empty folder that is ready for a start (Apache Kafka's is formatted). */
export async function place(who: Contender, parent: string): Promise<Place> {
  const port = await freePort()
  const dataDir = join(parent, `${who.replace(' ', '-')}-${port}`)
  mkdirSync(dataDir, { recursive: true })
  if (isKafka(who)) await formatKafka({ dataDir, port, settings: settingsOf(who) })
  return { dataDir, port }
}

export const start = (who: Contender, at: Place, { wait = true } = {}): Promise<System> =>
  isKafka(who)
    ? startKafka({ ...at, wait, settings: settingsOf(who) })
    : startWeir({ ...at, wait, settings: settingsOf(who) })

/** Resolves when all of it is up, the console too. */
export async function settled(system: System): Promise<void> {
  if ('console' in system) await (system as Weir).console()
}
