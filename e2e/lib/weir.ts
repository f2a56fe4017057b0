/** Starts Weir as a user does, `node bin/weir.js`, and reads the lines in which it says where it is. */
import { join } from 'node:path'
import { root } from './paths.ts'
import { listenerOn, processTree, start, until } from './processes.ts'
import type { StartOptions, System } from './system.ts'

export interface Weir extends System {
  /** Everything printed so far. */
  output(): string
  /** Resolves with http://HOST:PORT once the console answers with a page. */
  console(): Promise<string>
}

/** The first start of a checkout builds what is missing. */
const firstStartMs = 300_000

/**
 * Resolves when every broker, from `nodeId` on, accepts clients (unless `wait` is false); the console follows later. `bootstrap`
 * and `broker()` are those of the first broker.
 */
export async function startWeir({
  dataDir,
  port = 0,
  settings = {},
  wait = true,
  consolePort = 0,
  brokers = 1,
  nodeId = 1,
}: StartOptions & { consolePort?: number; brokers?: number; nodeId?: number }): Promise<Weir> {
  const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const weir = start(process.execPath, [join(root, 'bin/weir.js'), ...flags], {
    cwd: root,
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      KAFKA_PORT: String(port),
      PORT: String(consolePort),
      BROKERS: String(brokers),
    },
  })
  const find = (pattern: RegExp) => {
    if (weir.output().includes('could not be built')) throw new Error(weir.output())
    return pattern.exec(weir.output())?.[1]
  }
  const printed = (pattern: RegExp, what: string) =>
    until(() => find(pattern), { what, limitMs: firstStartMs, process: weir })
  let bootstrap = `127.0.0.1:${port}`
  try {
    for (let id = nodeId + brokers - 1; wait && id >= nodeId; id--)
      bootstrap = await printed(new RegExp(`Kafka broker ${id} on (\\S+:\\d+)`), 'starting Weir')
  } catch (error) {
    await weir.kill()
    throw error
  }
  const broker = () => listenerOn(Number(bootstrap.split(':').at(-1)), processTree(weir.pid))
  return {
    name: 'Weir',
    startedAtMs: weir.startedAtMs,
    bootstrap,
    broker,
    engine: () => [weir.pid, broker()].filter((pid) => pid !== undefined),
    all: () => processTree(weir.pid),
    output: weir.output,
    stop: () => weir.stop(),
    kill: () => weir.kill(),
    async console() {
      const url = await printed(/Console on (http\S+)/, 'waiting for the console')
      const answers = () =>
        fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
          (response) => response.ok,
          () => false,
        )
      await until(answers, { what: 'waiting for a page of the console', limitMs: firstStartMs, process: weir })
      return url
    },
  }
}
