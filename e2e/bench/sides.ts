/** The two that are compared, each started on a folder of its own. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { formatKafka, startKafka } from '../lib/kafka.ts'
import { freePort } from '../lib/processes.ts'
import type { System } from '../lib/system.ts'
import { startWeir, type Weir } from '../lib/weir.ts'
import type { SideName } from './results.ts'

export interface Place {
  dataDir: string
  port: number
}

export interface Side {
  name: SideName
  /** An empty folder that is ready for a start (Apache Kafka's is formatted). */
  place(parent: string): Promise<Place>
  start(place: Place, options?: { wait?: boolean; settings?: Record<string, string> }): Promise<System>
  /** Resolves when all of it is up, the console too. */
  settled(system: System): Promise<unknown>
}

async function emptyFolder(parent: string, name: string): Promise<Place> {
  const port = await freePort()
  const dataDir = join(parent, `${name}-${port}`)
  mkdirSync(dataDir, { recursive: true })
  return { dataDir, port }
}

export const weir: Side = {
  name: 'weir',
  place: (parent) => emptyFolder(parent, 'weir'),
  start: (place, options) => startWeir({ ...place, ...options }),
  settled: (system) => (system as Weir).console(),
}

export const kafka: Side = {
  name: 'kafka',
  async place(parent) {
    const place = await emptyFolder(parent, 'kafka')
    await formatKafka(place)
    return place
  },
  start: (place, options) => startKafka({ ...place, ...options }),
  settled: async () => {},
}
