/** One of Kafka's own command-line tools, run to its end. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../lib/paths.ts'

const program = join(root, 'e2e/peers/kafka/kt')

/** Resolves with what it printed; rejects if it failed. */
export async function runTool(name: string, args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [name, ...args], { timeout: 180_000 })
  return stdout
}
