// sum.mjs FOLDER SUITE...: adds up what the suites reported (FOLDER/SUITE.json), a line each and one over all, the last. A suite that
// did not report counts as failed. Exit status 0 when none failed.
import { readFileSync } from 'node:fs'

const [folder, ...suites] = process.argv.slice(2)
let passed = 0
let failed = 0
for (const suite of suites) {
  let counts = { passed: 0, failed: 1 }
  let note = ''
  try {
    counts = JSON.parse(readFileSync(`${folder}/${suite}.json`, 'utf8'))
  } catch {
    note = ' (it did not report)'
  }
  console.log(`${suite.padEnd(16)} ${counts.passed} passed, ${counts.failed} failed${note}`)
  passed += counts.passed
  failed += counts.failed
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
