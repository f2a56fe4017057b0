/** Starts Weir as a user does, `node bin/weir.js`, and waits for the lines in which it says where it is. */
import { join } from 'node:path'
import { root } from './paths.ts'
import { listenerOn, processTree, start, until } from './processes.ts'
import type { StartOptions, System } from './system.ts'

export interface Weir extends System {
  /** http://127.0.0.1:PORT */
  readonly console: string
  readonly pid: number
  output(): string
}

/**
 * Resolves when the broker accepts clients; the console follows later (`consoleReady`). The first start of a checkout builds
 * what is missing, hence the long limit.
 */
export async function startWeir({
  dataDir,
  port = 0,
  settings = {},
  consolePort = 0,
  env = {},
}: StartOptions & { consolePort?: number; env?: Record<string, string> }): Promise<Weir> {
  const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const weir = start(process.execPath, [join(root, 'bin/weir.js'), ...flags], {
    cwd: root,
    env: { ...process.env, DATA_DIR: dataDir, KAFKA_PORT: String(port), PORT: String(consolePort), ...env },
  })
  const line = (pattern: RegExp) => pattern.exec(weir.output())?.[1]
  const what = 'starting Weir'
  try {
    const bootstrap = await until(() => line(/Kafka broker 1 on (\S+:\d+)/), { what, limitMs: 300_000, process: weir })
    const console = await until(() => line(/Console on (\S+)/), { what, limitMs: 60_000, process: weir })
    const broker = () => listenerOn(Number(bootstrap.split(':').at(-1)), processTree(weir.pid))
    return {
      name: 'Weir',
      bootstrap,
      console,
      pid: weir.pid,
      output: weir.output,
      broker,
      engine: () => [weir.pid, ...[broker()].filter((pid) => pid !== undefined && pid !== weir.pid)] as number[],
      all: () => processTree(weir.pid),
      stop: () => weir.stop(),
      kill: () => weir.kill(),
    }
  } catch (error) {
    await weir.kill()
    throw error
  }
}

/** Resolves when the console answers with a page. */
export async function consoleReady(weir: Weir, limitMs = 60_000): Promise<void> {
  const answers = () =>
    fetch(weir.console, { signal: AbortSignal.timeout(5_000) }).then(
      (response) => response.ok,
      () => false,
    )
  await until(answers, { what: 'waiting for the console', limitMs })
}
