/**
 * A controller in a process of its own, for `run.ts`: `tsx process.ts FOLDER PORT [name=value …]`. Says `ready` when it serves; TERM stops
 * it cleanly.
 */
import { startController } from '../../server/controller/controller.ts'
import { nodeEnv } from '../../server/env/node.ts'

const [folder, port, ...settings] = process.argv.slice(2)
const controller = await startController({
  env: nodeEnv(),
  nodeId: 3000,
  dataDir: folder!,
  host: '127.0.0.1',
  port: Number(port),
  settings: new Map(settings.map((setting) => setting.split(/=(.*)/s).slice(0, 2) as [string, string])),
  write: (line) => console.error(line),
})
process.once('SIGTERM', async () => {
  await controller.stop()
  process.exit()
})
console.log('ready')
