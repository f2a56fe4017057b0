/** Processes of their own, as the supervisor starts them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { supervise } from './supervisor.ts'

const child = fileURLToPath(new URL('./child.ts', import.meta.url))

/** Runs `code`, which has `endWithSupervisor`, and resolves with what it said and its exit status. */
async function run(code: string, meanwhile: (p: ReturnType<typeof spawn>) => void): Promise<string> {
  const program = `const { endAtOnceWhileStarting, endWithSupervisor } = await import(${JSON.stringify(child)}); setInterval(() => {}, 1e6); ${code}`
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

test.each([
  ['whose supervisor goes away', (p: ReturnType<typeof spawn>) => p.disconnect()],
  ['that is asked to stop', (p: ReturnType<typeof spawn>) => void p.send({ kind: 'stop' })],
])(
  'a child %s while it starts for a long time does not start to the end',
  async (_what, end) => {
    const code = `endAtOnceWhileStarting()
    process.send('here')
    await new Promise(() => {})`
    expect(await run(code, (p) => p.once('message', () => end(p)))).toBe(' 0')
  },
  30_000,
)

test('a child that serves stops in order, though it would have ended at once while it started', async () => {
  const code = `const started = endAtOnceWhileStarting()
    started()
    endWithSupervisor('It', async () => console.log('stopped'))
    process.send('here')`
  expect(await run(code, (p) => p.once('message', () => p.disconnect()))).toBe('stopped 0')
}, 30_000)

test('a child that was asked to stop while it started stops when it has', async () => {
  const code = `await new Promise((resolve) => setTimeout(resolve, 100))
    endWithSupervisor('It', async () => console.log('stopped'))`
  expect(await run(code, (p) => void p.send({ kind: 'stop' }))).toBe('stopped 0')
}, 30_000)

test('a child that others need outlives its supervisor until they need it no more', async () => {
  const code = `let needed = 3
    endWithSupervisor('It', async () => console.log('needed', needed), () => --needed > 0)
    process.send('here')`
  expect(await run(code, (p) => p.once('message', () => p.disconnect()))).toBe('needed 0 0')
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
    children: [
      {
        id: 'it',
        name: 'It',
        role: 'x',
        nodeId: null,
        nodeFlags: [],
        stopTurn: 0,
        stopMs: 60_000,
        settings: () => ({}),
      },
    ],
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

test('what one child asks another answers, whole; one that dies meanwhile, or does not run, is no reason to wait', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-child-'))
  const entry = join(folder, 'entry.mjs')
  writeFileSync(
    entry,
    `const { answerAsks, ask, endWithSupervisor, tell } = await import(${JSON.stringify(child)})
    endWithSupervisor(process.env.WEIR_ROLE, async () => {})
    tell({ kind: 'ready', lines: [], addresses: [] })
    if (process.env.WEIR_ROLE === 'answers') {
      answerAsks(async function* (about) {
        for (let i = 0; i < 5; i++) yield { lines: about + i + 'x'.repeat(50_000) }
        if (about === 'die') process.kill(process.pid, 'SIGKILL')
      })
    } else {
      const say = async (about) => {
        const answers = await ask(about, ['b'], 20_000)
        const lines = answers.get('b')?.map((part) => part.lines.slice(0, about.length + 1)).join() ?? 'nothing'
        tell({ kind: 'said', lines: [about + ': ' + lines] })
      }
      await Promise.all([say('one'), say('two')])
      await say('die')
      await say('dead')
      tell({ kind: 'said', lines: ['done'] })
    }`,
  )
  const spec = (role: string, answersAs?: string) => ({
    id: role,
    name: role,
    role,
    nodeId: null,
    stopTurn: 0,
    ...(answersAs !== undefined && { answersAs }),
    nodeFlags: ['--import', 'tsx'],
    stopMs: 5000,
    settings: () => ({}),
  })
  const said: string[] = []
  let done = () => {}
  const heard = new Promise<void>((resolve) => (done = resolve))
  const ended = supervise({
    children: [
      spec('answers', 'b'),
      { ...spec('asks'), mayStart: (isReady: (id: string) => boolean) => isReady('answers') },
    ],
    entry,
    environment: { ...process.env },
    say: (line) => {
      if (line === 'done') done()
      else if (!line.includes('is back')) said.push(line)
    },
    complain: () => {},
  })
  await heard
  process.emit('SIGTERM')
  expect(await ended).toBe(0)
  rmSync(folder, { recursive: true })
  const whole = (about: string) => `${about}: ${[0, 1, 2, 3, 4].map((i) => `${about}${i}`).join()}`
  expect(said.slice(0, 3)).toEqual([whole('one'), whole('two'), 'die: nothing'])
  // It has been started again meanwhile, or not yet.
  expect([whole('dead'), 'dead: nothing']).toContain(said[3])
}, 60_000)
