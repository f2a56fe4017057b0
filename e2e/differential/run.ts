/**
 * `npm run test:differential`: the same raw requests to an Apache Kafka 4.3 and to Weir, each on a fresh folder; the decoded answers
 * must agree once ids, times and wordings are masked. Each request and version counts.
 *
 *   --only WORD[,WORD]   only the tables whose name contains a word
 *   --show               print the answers, not only where they differ
 *   --words              print the error messages of both side by side
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Api } from '../../server/protocol/api.ts'
import { Metadata } from '../../server/protocol/messages/03_metadata.ts'
import { ApiVersions } from '../../server/protocol/messages/18_api_versions.ts'
import { startKafka } from '../lib/kafka.ts'
import { report } from '../lib/report.ts'
import { startWeir } from '../lib/weir.ts'
import { Asker } from './asker.ts'
import { tables } from './cases/index.ts'
import { lines, masked } from './mask.ts'
import type { Side, Step } from './step.ts'

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, show: { type: 'boolean' }, words: { type: 'boolean' } },
})
const words = options.only?.split(',')
const folder = mkdtempSync(join(tmpdir(), 'weir-differential-'))
/** Where Apache Kafka's defaults wait for members that never come, or for a second broker. */
const settings = { 'group.initial.rebalance.delay.ms': '0' }
/** What the other side needs to be one broker alone, so that the same is shown as set. */
const alone = {
  'inter.broker.listener.name': 'PLAINTEXT',
  'controller.listener.names': 'CONTROLLER',
  'controller.quorum.voters': '1@127.0.0.1:1',
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
}

class Broker extends Asker implements Side {
  sessionId = 0

  override async ask(api: Api, version: number, body: unknown): Promise<unknown> {
    const answer: any = await super.ask(api, version, body)
    if (answer?.sessionId > 0) this.sessionId = answer.sessionId
    return answer
  }

  async topicId(topic: string): Promise<string> {
    const answer: any = await this.ask(Metadata, 12, {
      topics: [{ name: topic }],
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: false,
    })
    return answer.topics[0].topicId
  }
}

const counts = { passed: 0, failed: 0 }

async function main(): Promise<void> {
  const [kafka, weir] = await Promise.all([
    startKafka({ dataDir: join(folder, 'kafka'), settings, heap: ['-Xmx512M', '-Xms256M'] }),
    startWeir({ dataDir: join(folder, 'weir'), settings: { ...settings, ...alone } }),
  ])
  const sides = [new Broker(kafka.bootstrap), new Broker(weir.bootstrap)] as const
  try {
    const offered: any = await sides[0].ask(ApiVersions, 3, { clientSoftwareName: 'weir', clientSoftwareVersion: '1' })
    const highest = new Map<number, number>(offered.apiKeys.map((k: any) => [k.apiKey, k.maxVersion]))
    for (const [name, steps] of Object.entries(tables)) {
      if (words && !words.some((word) => name.includes(word))) continue
      const before = { ...counts }
      for (const step of steps) await tried(name, step, sides, highest)
      console.log(`${name.padEnd(28)} ${counts.passed - before.passed} agree, ${counts.failed - before.failed} differ`)
    }
  } finally {
    for (const side of sides) side.close()
    await Promise.all([kafka.stop(), weir.stop()])
    rmSync(folder, { recursive: true, force: true })
  }
}

async function tried(table: string, step: Step, sides: readonly Broker[], highest: Map<number, number>): Promise<void> {
  for (const version of step.versions ?? [highest.get(step.api.key) ?? 0]) {
    const { raw, theirs, missing, extra, agree } = await compared(step, version, sides)
    const title = `${table}: ${step.title} (${step.api.name} v${version})`
    if (agree === (step.differs === undefined)) counts.passed++
    else {
      counts.failed++
      console.log(agree ? `AGREES although "${step.differs}": ${title}` : `DIFFERS ${title}`)
      for (const line of missing.slice(0, 60)) console.log(`  kafka ${line}`)
      for (const line of extra.slice(0, 60)) console.log(`  weir  ${line}`)
    }
    if (options.show) console.log(`-- ${title}\n${theirs.map((line) => `   ${line}`).join('\n')}`)
    if (options.words) printWords(title, raw)
  }
}

/** What was changed a moment ago may not be seen by a reader at once: whoever only reads is asked again for a while. */
const READS = /^(Describe|List|Metadata|ApiVersions|OffsetFetch)/
const SETTLED_MS = 8_000

async function compared(step: Step, version: number, sides: readonly Broker[]) {
  const end = Date.now() + SETTLED_MS
  for (;;) {
    const raw = await Promise.all(sides.map((side) => answer(step, version, side)))
    const hidden = Object.keys(step.except ?? {})
    const shown = raw.map((one) => lines(masked(one, { without: hidden, ordered: step.ordered ?? false })))
    const [theirs, ours] = shown as [string[], string[]]
    const missing = without(theirs, ours).filter((line) => !said(line, ours))
    const extra = without(ours, theirs).filter((line) => !unasked(line, theirs))
    const agree = missing.length === 0 && extra.length === 0
    const asExpected = agree === (step.differs === undefined)
    if (asExpected || !READS.test(step.api.name) || Date.now() > end) return { raw, theirs, missing, extra, agree }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const without = (lines: string[], others: string[]) => lines.filter((line) => !others.includes(line))

/** Where Kafka gives a code alone Weir may say what is wrong: a client that has no text makes up its own. */
const SENTENCE = /^(.*rrorMessage): "<text>"$/
const NONE = /^(.*rrorMessage): (null|"")$/
const said = (line: string, ours: string[]) => {
  const path = NONE.exec(line)?.[1]
  return path !== undefined && ours.some((other) => (SENTENCE.exec(other) ?? NONE.exec(other))?.[1] === path)
}
const unasked = (line: string, theirs: string[]) => {
  const path = (SENTENCE.exec(line) ?? NONE.exec(line))?.[1]
  return path !== undefined && theirs.some((other) => NONE.exec(other)?.[1] === path)
}

async function answer(step: Step, version: number, side: Broker): Promise<unknown> {
  const end = Date.now() + 10_000
  for (;;) {
    const got = await (step.raw ? side.askRaw(step.raw) : side.ask(step.api, version, await step.body(version, side)))
    if (step.until === undefined || step.until(got) || Date.now() > end) return got
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function printWords(title: string, raw: unknown[]): void {
  const [theirs, ours] = raw.map((one) => lines(one).filter((line) => /errorMessage: "/.test(line)))
  if (theirs!.length + ours!.length === 0) return
  console.log(`-- ${title}`)
  for (const line of theirs!) console.log(`  kafka ${line}`)
  for (const line of ours!) console.log(`  weir  ${line}`)
}

try {
  await main()
} catch (error) {
  console.error(error)
  counts.failed++
}
report('differential', counts)
process.exit()
