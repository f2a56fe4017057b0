/**
 * The supervisor's way through a start: looks at what the folders hold, says what has to be done to get to the cluster that was asked
 * for, and has one stage after the other supervised. Returns the exit status.
 */
import { createServer } from 'node:net'
import { childrenOf, consoleOnly, foldersOf } from './children.ts'
import { look, noteGrowth } from './cluster_folders.ts'
import { ALONE, clusterPlan } from './cluster_plan.ts'
import { impossible, joinsOthers } from './cluster_settings.ts'
import type { Settings } from './config/settings.ts'
import { nodeDisk } from './env/node_disk.ts'
import { type Supervision, supervise } from './supervisor.ts'

export interface Surroundings extends Omit<Supervision, 'children' | 'addresses'> {
  /** The folder that holds package.json. */
  readonly root: string
  readonly version: string
  readonly development: boolean
}

export async function runCluster(settings: Settings, o: Surroundings): Promise<number> {
  const addresses = new Map<string, readonly string[]>()
  const existing = settings.weir.KAFKA_BROKERS ?? []
  if (existing.length > 0) {
    const children = consoleOnly(settings, { ...o, controllerPort: 0 }, existing)
    return Number(await supervise({ ...o, addresses, children }))
  }
  const asked = settings.weir.BROKERS
  const problem = impossible(settings)
  if (problem !== undefined) return refuse(o, problem)
  const folders = foldersOf(settings)
  let plan: ReturnType<typeof clusterPlan>
  try {
    plan = joinsOthers(settings) ? ALONE : clusterPlan(look(nodeDisk, folders), asked)
    if (typeof plan === 'string') return refuse(o, plan)
    const grownFrom = plan.stages[0]!.resize?.grownFrom
    if (grownFrom !== undefined) noteGrowth(nodeDisk, folders, grownFrom)
  } catch (error) {
    return refuse(o, (error as Error).message)
  }
  for (const line of plan.lines) o.say(line)
  const around = { ...o, controllerPort: asked > 1 || plan.stages.length > 1 ? await freePort() : 0 }
  for (const stage of plan.stages) {
    const children = childrenOf(settings, stage, asked, around)
    const ending = await supervise({ ...o, addresses, children })
    if (ending !== 'done') return ending
  }
  return 0
}

function refuse(o: Surroundings, sentence: string): number {
  o.complain(sentence)
  return 1
}

/** For the controller, so that brokers can be told of it before it listens. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
