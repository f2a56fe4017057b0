/** What Kafka's own tool says of the replicas of a cluster that runs. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../lib/paths.ts'

/** The tool reads for ever: it is ended once it must have come through. */
const limitMs = 20_000

/**
 * Topics (a regular expression) must not be compacted: each replica is so by itself, which the tool takes for a difference.
 * Whether `kafka-replica-verification` agrees after it has read all of the topics, and a title for that with what it said.
 */
export async function verification(bootstrap: string, topics: string): Promise<[boolean, string, string]> {
  const args = ['--broker-list', bootstrap, '--topics-include', topics, '--time', '-2', '--report-interval-ms', '1000']
  const program = join(root, 'e2e/peers/kafka/kt')
  const ended = promisify(execFile)(program, ['replica-verification', ...args], {
    timeout: limitMs,
    // told to end in order, it may wait for its fetchers for ever
    killSignal: 'SIGKILL',
  })
  const { stdout, stderr } = (await ended.catch((error) => error)) as { stdout: string; stderr: string }
  const lines = stdout.split('\n')
  const reports = lines.filter((line) => line.includes('max lag is'))
  const wrong = lines.filter((line) => /doesn't match|not match|error/i.test(line))
  const agreed = wrong.length === 0 && / max lag is 0 /.test(reports.at(-1) ?? '')
  const said = wrong[0] ?? reports.at(-1) ?? stdout + stderr
  return [agreed, 'kafka-replica-verification finds the replicas alike', said.slice(-300)]
}
