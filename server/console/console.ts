/**
 * The console behind its pages: one object a process, made by whoever starts the process, found by the pages' handlers
 * through `global.ts`. It is there at once; clusters that do not answer yet and a database that cannot be opened show as
 * what they are, and never keep it from starting.
 */
import { join } from 'node:path'
import type { Env } from '../env/env.ts'
import { nodeEnv } from '../env/node.ts'
import type { Control } from '../lab/processes.ts'
import { ConsoleCluster } from './cluster/cluster.ts'
import { setConsole } from './global.ts'
import { handle } from './handler.ts'
import { ConsoleError } from './problems.ts'
import { appRouter } from './router.ts'
import type { ConsoleService } from './service.ts'
import { openStore } from './store/store.ts'
import type { Need } from './trpc.ts'

export interface ConsoleOptions {
  /** host:port of brokers. */
  readonly bootstrap: readonly string[]
  /** Folder for console.db; made if missing. */
  readonly dataDir: string
  /** True if this program started the brokers. */
  readonly embedded: boolean
  /** Where the pages are, for links in messages. */
  readonly origin?: string
  /** Takes sentences for the log; default: the error stream. */
  readonly warn?: (message: string) => void
  /** The processes of the cluster; absent where this program did not start them. */
  readonly control?: Control | null
  /** Default: the real one. */
  readonly env?: Env
}

/** Until there are several: the one that `npm start` was given or started. */
export const DEFAULT_CLUSTER = 'default'

export async function createConsole(options: ConsoleOptions): Promise<ConsoleService> {
  const warn = options.warn ?? ((message: string) => process.stderr.write(`${message}\n`))
  const env = options.env ?? nodeEnv()
  const store = await openStore(join(options.dataDir, 'console.db'), { nowMs: env.clock.now() })
  if (store.problem) warn(`${store.problem.message} ${store.problem.hint ?? ''}`)

  const { bootstrap, embedded } = options
  const name = embedded ? 'Weir' : bootstrap.join(',')
  const parts = { env, store: () => store, warn, control: options.control ?? null, needs: needsOfProcedures }
  const clusters = new Map([
    [DEFAULT_CLUSTER, new ConsoleCluster({ id: DEFAULT_CLUSTER, name, embedded, bootstrap }, parts)],
  ])

  const service: ConsoleService = {
    clusters: () => [...clusters.values()].map((c) => c.summary()),
    cluster: (id) => {
      const cluster = clusters.get(id)
      if (!cluster)
        throw new ConsoleError('NOT_FOUND', `There is no cluster ${id}.`, 'The list of clusters shows which there are.')
      return cluster
    },
    handle: (request) => handle(service, request, warn),
    close: async () => {
      setConsole(undefined)
      await Promise.all([...clusters.values()].map((c) => c.close()))
      await store.close()
    },
  }
  setConsole(service)
  return service
}

/** Procedure path → the APIs it names. */
function needsOfProcedures(): ReadonlyMap<string, readonly Need[]> {
  const procedures = appRouter._def.procedures as unknown as Record<
    string,
    { _def: { meta?: { needs?: readonly Need[] } } }
  >
  return new Map(Object.entries(procedures).map(([path, p]) => [path, p._def.meta?.needs ?? []]))
}
