/** An Apache Kafka by hand: `npx tsx e2e/peers/start.ts PORT FOLDER [key=value …]` formats FOLDER if need be and runs until Ctrl-C. */
import { startKafka } from '../lib/kafka.ts'

const [port, dataDir, ...pairs] = process.argv.slice(2)
if (!port || !dataDir) {
  console.error('usage: start.ts PORT FOLDER [key=value …]')
  process.exit(2)
}
const kafka = await startKafka({
  port: Number(port),
  dataDir,
  settings: Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2))),
})
console.log(`Apache Kafka on ${kafka.bootstrap}`)
