/** tRPC's route: hands every request to the console that this process holds (see server/console/global.ts). */
import { getConsole } from '../../../../server/console/global.ts'

export const dynamic = 'force-dynamic'
export const runtime = 'nodejs'

const serve = (request: Request): Response | Promise<Response> =>
  getConsole()?.handle(request) ??
  new Response('The console is starting.\n', { status: 503, headers: { 'retry-after': '1' } })

export { serve as GET, serve as POST }
