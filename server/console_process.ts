/**
 * The console's process: one HTTP server for the pages, tRPC and the HTTP endpoint. It listens at once; the HTTP endpoint
 * works as soon as a broker answers, the pages once Next has loaded (after its build, on the first start). A client of the
 * brokers, nothing else: it ends and starts again without them noticing.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { consoleIsBuilt, stampConsole } from '../bin/stamp.js'
import { endAtOnceWhileStarting, endWithSupervisor, giveUp, reachedSoFar, tell } from './child.ts'
import { createClient, parseAddresses } from './client/client.ts'
import type { MetricsDetail } from './config/metrics_detail.ts'
import { createConsole } from './console/console.ts'
import { consoleMetrics } from './console_metrics.ts'
import { controlClient } from './control_client.ts'
import { nodeEnv } from './env/node.ts'
import { hostCheck, refuseHost } from './host_check.ts'
import { isMetricsPath, metricsHandler } from './metrics_http.ts'
import { REST_SERVER_OPTIONS, restHandler } from './rest/rest.ts'

export interface ConsoleSettings {
  readonly host: string
  readonly port: number
  readonly dataDir: string
  /** host:port of brokers. */
  readonly bootstrap: readonly string[]
  /** Did we start these brokers ourselves? */
  readonly embedded: boolean
  /** The folder that holds package.json. */
  readonly root: string
  readonly development: boolean
  /** Host names that a proxy in front of us may pass on (`weir.allowed.hosts`). */
  readonly allowedHosts: readonly string[]
  /** Of the brokers started with it, those that the supervisor can ask: their node ids. */
  readonly brokers: readonly string[]
  /** The same of controllers that are no brokers. */
  readonly controllers: readonly string[]
  readonly metricsDetail: MetricsDetail
  /** For Next's build. */
  readonly environment: NodeJS.ProcessEnv
}

type HttpHandler = (req: IncomingMessage, res: ServerResponse) => unknown

export async function runConsole(s: ConsoleSettings): Promise<void> {
  const reached = reachedSoFar(s.bootstrap, parseAddresses)
  const started = endAtOnceWhileStarting()
  let rest: HttpHandler = notYet('The HTTP endpoint is starting.')
  let metrics: HttpHandler = notYet('The console is starting.')
  let pages: HttpHandler = notYet('The console is starting.')
  const isOurs = hostCheck(s.host, s.allowedHosts)
  const server = createServer(REST_SERVER_OPTIONS, (req, res) => {
    if (!isOurs(req.headers.host)) {
      refuseHost(res, req.headers.host)
      return
    }
    const serve = req.url === '/rest' || req.url?.startsWith('/rest/') || req.url?.startsWith('/rest?') ? rest : pages
    void (isMetricsPath(req.url) ? metrics : serve)(req, res)
  })
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(s.port, s.host, resolve)
    })
  } catch (error) {
    await giveUp(listenSentence(error as NodeJS.ErrnoException, s))
  }
  const port = (server.address() as AddressInfo).port
  const origin = `http://${s.host.includes(':') ? `[${s.host}]` : s.host}:${port}`

  const control = s.embedded ? controlClient() : null
  const { bootstrap, dataDir, embedded } = s
  const service = await createConsole({ bootstrap, dataDir, embedded, control, origin })
  const client = createClient(nodeEnv(), {
    bootstrap: reached,
    clientId: 'weir-http',
  })
  const endpoint = restHandler({ client, onBug: (error) => console.error(error) })
  rest = endpoint
  metrics = metricsHandler({
    parts: consoleMetrics(service, { brokers: s.brokers, controllers: s.controllers, nowMs: nodeEnv().clock.now }),
    detail: s.metricsDetail,
    onBug: (error) => console.error(error),
  })

  started()
  let stopping = false
  let building: ChildProcess | undefined
  endWithSupervisor('The console', async () => {
    stopping = true
    building?.kill()
    server.close()
    server.closeIdleConnections()
    await Promise.race([endpoint.close(), new Promise((resolve) => setTimeout(resolve, 3000))])
    await client.close()
    await service.close()
    server.closeAllConnections()
  })
  // `npm start` says where the console will be before the pages are there: the broker's user need not wait to know it.
  tell({ kind: 'ready', lines: [], addresses: [origin] })

  if (!s.development && !consoleIsBuilt(s.root)) {
    tell({ kind: 'said', lines: ['Building the console; this happens once and takes a minute or less …'] })
    pages = notYet('The console is being built; this happens once and takes a minute or less.')
    const problem = await buildPages(s, (build) => (building = build))
    if (stopping) return
    if (problem !== undefined) {
      // The HTTP endpoint works without the pages, so the process stays.
      console.error(`The console could not be built; the broker and HTTP work without it.\n${problem}`)
      pages = notYet('The console could not be built; what npm start printed says why.')
      return
    }
  }
  const { default: next } = await import('next')
  const app = next({ dev: s.development, dir: s.root, hostname: s.host, port })
  await app.prepare()
  const handle = app.getRequestHandler()
  pages = (req, res) => handle(req, res)
  if (s.development) server.on('upgrade', (req, socket, head) => app.getUpgradeHandler()(req, socket, head))
  tell({ kind: 'said', lines: [`Console on ${origin}`] })
}

/** Runs Next's build in a process of its own, so that its memory goes when it is done. Returns what was wrong, if something was. */
function buildPages(
  { root, environment }: ConsoleSettings,
  begun: (build: ChildProcess) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const build = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    })
    begun(build)
    let output = ''
    for (const stream of [build.stdout, build.stderr]) stream.on('data', (chunk) => (output += chunk))
    build.on('exit', (code) => {
      if (code === 0) {
        stampConsole(root)
        resolve(undefined)
      } else resolve(output.trim().split('\n').slice(-20).join('\n'))
    })
  })
}

const notYet =
  (sentence: string): HttpHandler =>
  (_req, res) => {
    res.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1', refresh: '2' })
    res.end(`${sentence}\n`)
  }

function listenSentence(error: NodeJS.ErrnoException, s: ConsoleSettings): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${s.port} on ${s.host} is in use; give the console another with PORT or --port.`
  if (error.code === 'EACCES')
    return `Port ${s.port} may not be used by this user; choose one above 1023 with PORT or --port.`
  return `The console cannot listen on ${s.host}:${s.port}: ${error.message}`
}
