/** tRPC over HTTP: who is asking, what is refused before it is read, and headers that keep event streams flowing. */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { isAnswer } from './problems.ts'
import { appRouter } from './router.ts'
import type { ConsoleService } from './service.ts'
import type { Context } from './trpc.ts'

export const ENDPOINT = '/api/trpc'

export async function handle(
  console: ConsoleService,
  request: Request,
  warn: (message: string) => void,
): Promise<Response> {
  if (isForeign(request)) return new Response('This request comes from another site.\n', { status: 403 })
  const response = await fetchRequestHandler({
    endpoint: ENDPOINT,
    req: request,
    router: appRouter,
    createContext: (): Context => ({ console, who: 'local', sourceIp: sourceIpOf(request) }),
    onError: ({ error, path }) => {
      const cause = error.cause ?? error
      // What the router itself refuses (no such procedure, not JSON) is an answer too.
      if (!isAnswer(cause) && error.code === 'INTERNAL_SERVER_ERROR')
        warn(`${path ?? 'tRPC'} failed: ${cause.stack ?? cause.message}`)
    },
  })
  response.headers.set('x-accel-buffering', 'no')
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    response.headers.set('cache-control', 'no-cache, no-transform')
  }
  return response
}

/** Another site's page may make a browser send requests here; its name stands in Origin then, and is not ours. */
function isForeign(request: Request): boolean {
  const origin = request.headers.get('origin')
  if (origin === null) return false
  const host = request.headers.get('x-forwarded-host') ?? request.headers.get('host')
  try {
    return new URL(origin).host !== host
  } catch {
    return true
  }
}

/** As the proxy in front says, or as the server that took the connection has noted it. */
function sourceIpOf(request: Request): string | null {
  const first = request.headers.get('x-forwarded-for')?.split(',')[0]?.trim()
  return first ? first.replace(/^::ffff:/, '') : null
}
