/** How a suite says how it went: a closing line for people, and a small file for .ci/run when TEST_REPORTS names a folder. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Counts {
  passed: number
  failed: number
}

/** Prints `N passed, N failed`, writes SUITE.json, and sets the exit status. */
export function report(suite: string, { passed, failed }: Counts): void {
  const folder = process.env.TEST_REPORTS
  if (folder) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${suite}.json`), JSON.stringify({ suite, passed, failed }))
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1
}
