/** Where things are. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the tests fetch and build once: jars, Python environments, Go programs. Shared with other checkouts. */
export const cache =
  process.env.KAFKA_PEER_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kafka-peer')
