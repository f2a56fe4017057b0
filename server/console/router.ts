/** The console's procedures. Pages import the type `AppRouter` and nothing else from here. */
import { brokers } from './routers/brokers.ts'
import { clusters, overview, search } from './routers/clusters.ts'
import { metrics, models } from './routers/figures.ts'
import { groups } from './routers/groups.ts'
import { audit, views } from './routers/kept.ts'
import { lab } from './routers/lab.ts'
import { messages } from './routers/messages.ts'
import { replicas } from './routers/replicas.ts'
import { topics } from './routers/topics.ts'
import { router } from './trpc.ts'

export const appRouter = router({
  clusters,
  overview,
  search,
  topics,
  messages,
  groups,
  brokers,
  replicas,
  metrics,
  models,
  lab,
  audit,
  views,
})
export type AppRouter = typeof appRouter
