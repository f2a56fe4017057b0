/**
 * `npm run test:folders`: the data folder is Kafka's. An Apache Kafka is started on what Weir has left, Weir on what Apache Kafka
 * has left, and each must say of the folder what the other said, take it further, and leave no file in which `kafka-dump-log`
 * finds anything wrong.
 *
 *   --only WORD[,WORD]   only the ways whose name contains a word
 *   --keep               leave the folders where they are
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { report } from '../lib/report.ts'
import type { Way } from './way.ts'
import { ways } from './ways.ts'

const { values: options } = parseArgs({ options: { only: { type: 'string' }, keep: { type: 'boolean' } } })
const words = options.only?.split(',')
const folder = mkdtempSync(join(tmpdir(), 'weir-folders-'))
const counts = { passed: 0, failed: 0 }

function check(ok: boolean, title: string, why = ''): void {
  if (ok) counts.passed++
  else counts.failed++
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${title}${ok || !why ? '' : `: ${why}`}`)
}

for (const [name, walk] of Object.entries(ways)) {
  if (words && !words.some((word) => name.includes(word))) continue
  const before = performance.now()
  const place = join(folder, name.replaceAll(/\W+/g, '-'))
  mkdirSync(place)
  let way: Way | undefined
  try {
    await walk(place, check, (begun) => (way = begun))
  } catch (error) {
    check(false, name, (error as Error).stack)
  } finally {
    await way?.end()
  }
  console.log(`     ${name}: ${((performance.now() - before) / 1000).toFixed(1)} s`)
}
if (counts.failed === 0 && !options.keep) rmSync(folder, { recursive: true })
else console.log(`The folders are in ${folder}`)
report('folders', counts)
process.exit()
