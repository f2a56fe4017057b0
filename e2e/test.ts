/**
 * `npm test`: types, lint, the tests of the code (with the codec vectors and the simulation), the console in a real browser.
 * All run, whatever fails; closes with what each suite counted and one line over all.
 *
 *   npm test -- WORD...   only the suites named; `console-kafka`, the console on an Apache Kafka, only so
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './lib/paths.ts'
import type { Counts } from './lib/report.ts'

interface Suite {
  name: string
  commands: string[][]
  env?: Record<string, string>
  /** Not part of a run that names no suites. */
  onlyByName?: boolean
  /** Reads the reporter's file; without it the suite counts as one. */
  count?: () => Counts
}

const ours = process.env.TEST_REPORTS === undefined
const reports = process.env.TEST_REPORTS ?? mkdtempSync(join(tmpdir(), 'weir-test-'))
mkdirSync(reports, { recursive: true })
const file = (name: string) => join(reports, `${name}.reporter.json`)
const json = (name: string) => JSON.parse(readFileSync(file(name), 'utf8'))

const suites: Suite[] = [
  {
    name: 'types',
    // what Next writes down about the pages is part of the types
    commands: [...(existsSync(join(root, 'next-env.d.ts')) ? [] : [['next', 'typegen']]), ['tsc', '-p', '.']],
  },
  { name: 'lint', commands: [['biome', 'check', '--error-on-warnings', '.']] },
  {
    name: 'unit',
    commands: [['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file('unit')}`]],
    count() {
      const { numPassedTests, numFailedTests, testResults } = json('unit')
      // a file that does not load has no tests that could fail
      const unloaded = testResults.filter(
        (one: any) => one.status === 'failed' && one.assertionResults.length === 0,
      ).length
      return { passed: numPassedTests, failed: numFailedTests + unloaded }
    },
  },
  inBrowser('console', {}),
  // Needs Java and Maven, which `npm test` must not.
  { ...inBrowser('console-kafka', { CONSOLE_ON: 'kafka' }), onlyByName: true },
]

function inBrowser(name: string, env: Record<string, string>): Suite {
  return {
    name,
    commands: [['playwright', 'test', '-c', 'e2e/console/playwright.config.ts', '--reporter=list,json']],
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: file(name) },
    count() {
      const { stats, errors } = json(name)
      return { passed: stats.expected + stats.flaky, failed: stats.unexpected + errors.length }
    },
  }
}

function run({ name, commands, env, count }: Suite): Counts {
  console.log(`\n== ${name}`)
  const ok = commands.every(([program, ...args]) => {
    const bin = join(root, 'node_modules/.bin', program!)
    return (
      spawnSync(bin, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } })
        .status === 0
    )
  })
  if (!count) return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
  try {
    const counts = count()
    // a runner that fails although no test did has found something else wrong
    return { passed: counts.passed, failed: counts.failed || Number(!ok || counts.passed === 0) }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

const words = process.argv.slice(2)
const total = { passed: 0, failed: 0 }
const lines: string[] = []
for (const suite of suites.filter((one) => (words.length === 0 ? !one.onlyByName : words.includes(one.name)))) {
  const { passed, failed } = run(suite)
  writeFileSync(join(reports, `${suite.name}.json`), JSON.stringify({ suite: suite.name, passed, failed }))
  lines.push(`${suite.name.padEnd(13)} ${passed} passed, ${failed} failed`)
  total.passed += passed
  total.failed += failed
}
console.log(`\n${lines.join('\n')}\n${total.passed} passed, ${total.failed} failed`)
if (ours) rmSync(reports, { recursive: true })
process.exit(total.failed > 0 ? 1 : 0)
