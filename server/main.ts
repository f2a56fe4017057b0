/**
 * Where every process of Weir begins, and the only reader of arguments and environment. Without a role it is the supervisor:
 * it says what is wrong with the settings in one sentence, or starts a broker or several (unless an existing cluster is named) and the
 * console.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const entry = process.argv[1]!.endsWith('main.js') ? process.argv[1]! : fileURLToPath(import.meta.url)
const root = `${resolve(fileURLToPath(import.meta.url), '../..')}/`

switch (process.env['WEIR_ROLE']) {
  case 'controller':
    await (await import('./controller_process.ts')).runController(handedOver())
    break
  case 'broker':
    await (await import('./broker_process.ts')).runBroker(handedOver())
    break
  case 'resize':
    await (await import('./resize_process.ts')).runResize(handedOver())
    break
  case 'console':
    await (await import('./console_process.ts')).runConsole({ ...handedOver(), environment: process.env })
    break
  default:
    process.exitCode = await start()
}

function handedOver() {
  return JSON.parse(process.env['WEIR_SETTINGS'] ?? '{}')
}

async function start(): Promise<number> {
  const { configFile, help, settings } = await import('./config/settings.ts')
  const given = { argv: process.argv.slice(2), env: process.env }
  const file = configFile(given.argv) ?? (existsSync('server.properties') ? 'server.properties' : undefined)
  let properties: string | undefined
  try {
    properties = file === undefined ? undefined : readFileSync(file, 'latin1')
  } catch (error) {
    return refuse(`The settings in ${file} cannot be read: ${(error as Error).message}.`)
  }
  const asked = settings(properties === undefined ? given : { ...given, properties })
  if (asked.kind === 'help') {
    console.log(help())
    return 0
  }
  if (asked.kind === 'error') return refuse(asked.error)
  for (const warning of asked.settings.warnings) console.error(warning)
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string }
  const { runCluster } = await import('./run_cluster.ts')
  return runCluster(asked.settings, {
    entry,
    environment: process.env,
    root,
    version,
    development: process.env['NODE_ENV'] === 'development',
    say: (line) => console.log(line),
    complain: (line) => console.error(line),
  })
}

function refuse(sentence: string): number {
  console.error(sentence)
  return 1
}
