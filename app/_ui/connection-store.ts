/**
 * Whether the console's server answers. Every request passes through `watchedFetch`; after a failure to connect, the address
 * is asked every two seconds until there is an answer, and then every listener is told once. Knows nothing of React.
 */

export type ConnectionState = 'up' | 'down'

const probeMs = 2_000

let state: ConnectionState = 'up'
let probing = false
const listeners = new Set<(now: ConnectionState) => void>()

export const connectionStore = {
  get: (): ConnectionState => state,
  subscribe(listener: (now: ConnectionState) => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  /** Something outside `watchedFetch` (an event stream) failed or works again. */
  suspect: () => void probe(),
}

/** The browser's fetch, whose failures to connect are noticed. A request cancelled on purpose says nothing about the connection. */
export const watchedFetch: typeof fetch = async (input, init) => {
  try {
    const response = await fetch(input, init)
    if (isGateway(response)) lost()
    else found()
    return response
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) lost()
    throw error
  }
}

/** Answers of something in front of the console, or of the console before its pages are loaded. */
function isGateway(response: Response): boolean {
  const gateway = response.status === 502 || response.status === 503 || response.status === 504
  return gateway && !(response.headers.get('content-type') ?? '').includes('json')
}

function change(next: ConnectionState) {
  if (state === next) return
  state = next
  for (const listener of listeners) listener(next)
}

function found() {
  change('up')
}

function lost() {
  change('down')
  void probe()
}

async function probe() {
  if (probing) return
  probing = true
  try {
    for (;;) {
      try {
        const response = await fetch('/icon.svg', { method: 'HEAD', cache: 'no-store' })
        if (!isGateway(response)) return found()
      } catch {
        // Still away.
      }
      change('down')
      await new Promise((resolve) => setTimeout(resolve, probeMs))
    }
  } finally {
    probing = false
  }
}
