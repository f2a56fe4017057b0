/** Processes of their own, as the supervisor starts them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { supervise } from './supervisor.ts'

const child = fileURLToPath(new URL('./child.ts', import.meta.url))

/** Runs `code`, which has `endWithSupervisor`, and resolves with what it said and its exit status. */
async function run(code: string, meanwhile: (p: ReturnType<typeof spawn>) => void): Promise<string> {
  const program = `const { endWithSupervisor } = await import(${JSON.stringify(child)}); setInterval(() => {}, 1e6); ${code}`
  const p = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let said = ''
  for (const stream of [p.stdout!, p.stderr!]) stream.on('data', (chunk) => (said += chunk))
  meanwhile(p)
  const [[status]] = await Promise.all([once(p, 'exit'), once(p.stdout!, 'end'), once(p.stderr!, 'end')])
  return `${said.trim()} ${status}`
}

test('a child whose supervisor went away while it started ends all the same', async () => {
  const code = `process.send('here')
    while (process.connected) await new Promise(setImmediate)
    endWithSupervisor('It', async () => console.log('stopped'))`
  expect(await run(code, (p) => p.once('message', () => p.disconnect()))).toBe('stopped 0')
}, 30_000)

test('a child that was asked to stop while it started stops when it has', async () => {
  const code = `await new Promise((resolve) => setTimeout(resolve, 100))
    endWithSupervisor('It', async () => console.log('stopped'))`
  expect(await run(code, (p) => void p.send({ kind: 'stop' }))).toBe('stopped 0')
}, 30_000)

test('a child that cannot stop cleanly says so and ends with status 1', async () => {
  const code = `endWithSupervisor('It', async () => { throw new Error('the disk is full.') })`
  expect(await run(code, (p) => void p.send({ kind: 'stop' }))).toBe('It did not stop cleanly: the disk is full. 1')
}, 30_000)

test('a child that the system has no room for is tried again, and the supervisor can be stopped meanwhile', async () => {
  const said: string[] = []
  let twice = () => {}
  const tried = new Promise<void>((resolve) => (twice = resolve))
  const ended = supervise({
    children: [{ name: 'It', role: 'x', nodeFlags: [], stopMs: 60_000, settings: () => ({}) }],
    entry: '/nowhere.js',
    // More than any system hands to a new process.
    environment: { NODE_ENV: 'test', TOO_LARGE: 'x'.repeat(8_000_000) },
    say: () => {},
    complain: (line) => {
      if (said.push(line) === 2) twice()
    },
  })
  await tried
  process.emit('SIGTERM')
  expect(await ended).toBe(0)
  expect(said).toEqual([
    expect.stringMatching(/^It could not be started \(.*\); it is started again in 50 ms\.$/),
    expect.stringMatching(/100 ms\.$/),
  ])
})
