/**
 * tRPC as all routers use it: the context, errors as plain sentences, heartbeats on event streams, and procedures that name
 * the Kafka APIs they need, so that a page can say "this cluster cannot do that" before anyone tries.
 */
import { initTRPC, TRPCError } from '@trpc/server'
import { z } from 'zod'
import type { Api } from '../protocol/api.ts'
import { ConsoleError, isAnswer, type Problem, problemOf, statusOf } from './problems.ts'
import type { ConsoleService } from './service.ts'

export interface Context {
  readonly console: ConsoleService
  /** Until there are users: `local`. */
  readonly who: string
  readonly sourceIp: string | null
}

/** An API, or an API in at least a version. */
export type Need = Api | readonly [Api, number]

interface Meta {
  readonly needs?: readonly Need[]
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    errorFormatter: ({ shape, error }) => {
      const problem: Problem = problemOf(answerIn(error))
      return {
        ...shape,
        message: problem.message,
        data: { code: shape.data.code, httpStatus: shape.data.httpStatus, path: shape.data.path, problem },
      }
    },
    // A proxy that closes silent connections after 30 or 60 s sees one that speaks.
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
  })

/** tRPC's own refusals (no such procedure, not JSON) have sentences fit for people; what they wrap comes first. */
function answerIn(error: TRPCError): unknown {
  if (error.cause && !(error.cause instanceof TRPCError)) return error.cause
  return error.code === 'INTERNAL_SERVER_ERROR' ? error : new ConsoleError('INVALID', error.message)
}

export const router = t.router

/**
 * Answers get the status that says whether asking again can help. It matters most for event streams: on a 5xx the browser
 * opens the stream anew, on anything else it shows what was said.
 */
const withStatus = t.middleware(async ({ next, type }) => {
  const result = await next()
  if (!result.ok) throw asTrpc(result.error.cause ?? result.error, result.error)
  if (type !== 'subscription') return result
  return { ...result, data: guarded(result.data as AsyncIterable<unknown>) }
})

async function* guarded(stream: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    yield* stream
  } catch (error) {
    throw asTrpc(error, error)
  }
}

const asTrpc = (error: unknown, otherwise: unknown): unknown =>
  isAnswer(error)
    ? new TRPCError({ code: statusOf(error), cause: error, message: problemOf(error).message })
    : otherwise

export const procedure = t.procedure.use(withStatus)

const clusterOf = z.object({ cluster: z.string() })

/**
 * A procedure on one cluster: its services are in the context, and what it needs has been checked. One that needs nothing
 * answers from what is known, also while the cluster is silent.
 */
export const onClusterProcedure = (...needs: Need[]) =>
  procedure.meta({ needs }).use(async ({ ctx, type, getRawInput, next }) => {
    const raw = clusterOf.safeParse(await getRawInput())
    if (!raw.success) throw new ConsoleError('INVALID', 'No cluster is named.')
    const cluster = ctx.console.cluster(raw.data.cluster)
    const run = () => next({ ctx: { cluster, actor: { who: ctx.who, sourceIp: ctx.sourceIp } } })
    if (needs.length === 0) return run()
    await cluster.whileReachable(() => cluster.demand(needs))
    // A change that is under way is waited for: what came of it is the answer.
    return type === 'query' ? cluster.whileReachable(run) : run()
  })
