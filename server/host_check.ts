/**
 * Which Host headers the console answers to. While it listens on this machine alone it has no login, and the browser's own
 * rules protect it: unless a page from elsewhere has its name point to this machine (DNS rebinding). Then the name gives it away.
 */
import type { ServerResponse } from 'node:http'

const LOOPBACK = ['localhost', '127.0.0.1', '::1']

export function hostCheck(listenHost: string, allowed: readonly string[]): (header: string | undefined) => boolean {
  if (!LOOPBACK.includes(listenHost)) return () => true
  const names = new Set([...LOOPBACK, ...allowed].map((name) => name.toLowerCase()))
  return (header) => header !== undefined && names.has(nameOf(header))
}

export function refuseHost(res: ServerResponse, host: string | undefined): void {
  res.writeHead(421, { 'content-type': 'text/plain; charset=utf-8' })
  res.end(`This console does not answer to the host ${JSON.stringify(host ?? '')}; allow it with weir.allowed.hosts.\n`)
}

/** Without the port and without the brackets of IPv6. */
const nameOf = (header: string): string =>
  header
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
