/** Real child processes, each told by its role what to do. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChildSpec } from './supervised_child.ts'
import { type Ending, supervise } from './supervisor.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-supervisor-'))
const entry = join(folder, 'entry.mjs')

beforeAll(() => {
  writeFileSync(
    entry,
    `const { endWithSupervisor, giveUp, reachedSoFar, retire, tell } = await import(${JSON.stringify(fileURLToPath(new URL('./child.ts', import.meta.url)))})
    const role = process.env.WEIR_ROLE
    const { id, address, left } = JSON.parse(process.env.WEIR_SETTINGS)
    const say = (line) => tell({ kind: 'said', lines: [id + ' ' + line] })
    if (role === 'follows') {
      const all = reachedSoFar([], (one) => [one])
      process.on('message', () => say('knows ' + all.join(' and ')))
    }
    if (role === 'fails') await giveUp(id + ' cannot.')
    if (role === 'job') {
      await retire(['b'])
      say('is done')
      process.send({ kind: 'done' }, undefined, undefined, () => process.exit(0))
    } else {
      endWithSupervisor(id, async () => say('stops'), role === 'waits' ? () => false : undefined)
      tell({ kind: 'ready', lines: [id + ' starts'], addresses: [address] })
      if (role === 'heir') {
        say('has ' + (left ?? 'nothing'))
        for (const one of ['a', 'b']) tell({ kind: 'left', left: one })
        if (left === undefined) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100)
      }
      if (role === 'dies') setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100)
    }`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

const child = (id: string, stopTurn: number, more: Partial<ChildSpec> = {}): ChildSpec => ({
  id,
  name: id,
  role: 'serves',
  nodeId: null,
  nodeFlags: ['--import', 'tsx'],
  stopTurn,
  stopMs: 10_000,
  settings: (started, left) => ({ id, left, address: `${id} after ${[...started.keys()].join()}` }),
  ...more,
})

/** Until `enough` of what is heard; then everything is stopped, if it does not stop by itself. */
async function run(children: ChildSpec[], enough: (heard: readonly string[]) => boolean) {
  const heard: string[] = []
  const addresses = new Map<string, readonly string[]>()
  const hear = (line: string) => {
    heard.push(line)
    if (enough(heard)) process.emit('SIGTERM')
  }
  const ending: Ending = await supervise({
    children,
    addresses,
    entry,
    environment: { ...process.env },
    say: hear,
    complain: hear,
  })
  return { heard, ending, addresses }
}

test('a child starts when those that it needs are ready, and knows where they are; all stop in their turns', async () => {
  const { heard, ending, addresses } = await run(
    [
      child('console', 1, { mayStart: (isReady) => isReady('broker 1') || isReady('broker 2') }),
      child('broker 1', 2, { mayStart: (isReady) => isReady('controller') }),
      child('controller', 3),
    ],
    (lines) => lines.length === 3,
  )
  expect(heard).toEqual([
    ...['controller starts', 'broker 1 starts', 'console starts'],
    ...['console stops', 'broker 1 stops', 'controller stops'],
  ])
  expect(addresses.get('console')).toEqual(['console after controller,broker 1'])
  expect(ending).toBe(0)
}, 60_000)

test('who wants to reach others hears of those that are ready later, too', async () => {
  const reaches = (started: ReadonlyMap<string, readonly string[]>) =>
    [...started].flatMap(([id]) => (id === 'c' ? [] : [id]))
  const { heard } = await run(
    [
      child('a', 2),
      child('c', 1, { role: 'follows', reaches, mayStart: (isReady) => isReady('a') }),
      child('b', 2, { mayStart: (isReady) => isReady('c') }),
    ],
    (lines) => lines.includes('c knows a and b'),
  )
  expect(heard).toContain('c knows a and b')
}, 60_000)

test('a job may stop others for good, and all when it is done', async () => {
  const waits = { mayStart: (isReady: (id: string) => boolean) => isReady('a') && isReady('b') }
  const { heard, ending } = await run(
    [child('a', 2), child('b', 2), child('job', 0, { role: 'job', job: 'ends all', ...waits })],
    () => false,
  )
  expect(heard.slice(0, 2).sort()).toEqual(['a starts', 'b starts'])
  expect(heard.slice(2)).toEqual(['b stops', 'job is done', 'a stops'])
  expect(ending).toBe('done')
}, 60_000)

test('a SIGTERM that comes to all leaves those that others need until their turn; one to them alone ends them', async () => {
  const { heard } = await run([child('broker', 1), child('controller', 2, { role: 'waits' })], (lines) => {
    if (lines.length !== 2) return false
    const children = execFileSync('pgrep', ['-P', String(process.pid), '-f', entry], { encoding: 'utf8' })
      .trim()
      .split('\n')
    for (const pid of children) process.kill(Number(pid), 'SIGTERM')
    return true
  })
  expect(heard.slice(2)).toEqual(['broker stops', 'controller stops'])

  const alone = await run([child('controller', 2, { role: 'waits' })], (lines) => {
    if (lines.length === 1) {
      process.kill(
        Number(execFileSync('pgrep', ['-P', String(process.pid), '-f', entry], { encoding: 'utf8' })),
        'SIGTERM',
      )
    }
    return lines.some((line) => line.includes('is back'))
  })
  expect(alone.heard.slice(1, 3)).toEqual([
    'controller stops',
    'controller ended with status 0; it is started again in 50 ms.',
  ])
}, 60_000)

test('what one cannot do ends all, unless the others can do without it', async () => {
  const fails = { role: 'fails' as const }
  expect(await run([child('a', 1, fails)], () => false)).toMatchObject({ heard: ['a cannot.'], ending: 1 })
  const { heard, ending } = await run(
    [child('a', 1, { ...fails, dispensable: true }), child('b', 2)],
    (lines) => lines.length === 2,
  )
  expect(heard.slice(0, 2).sort()).toEqual(['a cannot.', 'b starts'])
  expect(ending).toBe(0)
}, 60_000)

test('one that dies is started again where it was, and nobody else notices', async () => {
  const { heard } = await run([child('a', 1), child('b', 1, { role: 'dies' })], (lines) =>
    lines.some((line) => line.startsWith('b is back')),
  )
  expect(heard.filter((line) => line.startsWith('a '))).toEqual(['a starts', 'a stops'])
  expect(heard).toContain('b was ended by SIGKILL; it is started again in 50 ms.')
}, 60_000)

test('one that takes the place of another is given what that had said last', async () => {
  const { heard } = await run([child('a', 1, { role: 'heir' })], (lines) => lines.includes('a has b'))
  expect(heard.filter((line) => line.includes(' has '))).toEqual(['a has nothing', 'a has b'])
}, 60_000)
