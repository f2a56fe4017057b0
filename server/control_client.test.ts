/** The lab's whole way: a console that asks, a supervisor that obeys, real processes to which it is done. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChildSpec } from './supervised_child.ts'
import { supervise } from './supervisor.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-lab-'))
const entry = join(folder, 'entry.mjs')
const module = (name: string) => JSON.stringify(fileURLToPath(new URL(name, import.meta.url)))

beforeAll(() => {
  writeFileSync(
    entry,
    `const { endAtOnceWhileStarting, endWithSupervisor, takeFaults, tell } = await import(${module('./child.ts')})
    const { controlClient } = await import(${module('./control_client.ts')})
    const { id, address, script } = JSON.parse(process.env.WEIR_SETTINGS)
    const say = (line) => tell({ kind: 'said', lines: [id + ': ' + line] })
    takeFaults((faults) => say('full disk ' + faults.fullDisk))
    const started = endAtOnceWhileStarting()
    await new Promise((resolve) => setTimeout(resolve, 50))
    started()
    endWithSupervisor(id, async () => say('stops'))
    tell({ kind: 'ready', lines: [], addresses: [address] })
    if (script) {
      const control = controlClient()
      const stateOf = async (process) => (await control.processes()).find((p) => p.id === process).state
      const until = async (process, state) => {
        while ((await stateOf(process)) !== state) await new Promise((resolve) => setTimeout(resolve, 20))
        say(process + ' ' + state)
      }
      const asked = async (promise) => say(await promise.then(() => 'done', (error) => error.message))
      const noFaults = { cutOff: 'no', slowDiskMs: 0, fullDisk: false }
      await eval('(async () => {' + script + '})()')
      say('the end')
    }`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

const child = (id: string, stopTurn: number, more: Partial<ChildSpec> & { script?: string } = {}): ChildSpec => ({
  id,
  name: `The ${id}`,
  role: id,
  nodeId: null,
  nodeFlags: ['--import', 'tsx'],
  stopTurn,
  stopMs: 10_000,
  settings: () => ({ id, address: '127.0.0.1:9092', script: more.script }),
  ...more,
})

/** What everybody said until the console's script was at its end and all was stopped. */
async function lab(script: string): Promise<string[]> {
  const heard: string[] = []
  await supervise({
    children: [
      child('broker-1', 2, { nodeId: 1 }),
      child('console', 1, { script, mayStart: (isReady) => isReady('broker-1') }),
    ],
    entry,
    environment: { ...process.env },
    say: (line) => {
      heard.push(line)
      if (line === 'console: the end') process.emit('SIGTERM')
    },
    complain: (line) => heard.push(line),
  })
  return heard.filter((line) => !/ is back after /.test(line))
}

test('a process that is killed comes back, one that is kept down does not until it is started', async () => {
  const heard = await lab(`
    await asked(control.act('broker-1', 'kill'))
    await until('broker-1', 'running')
    await asked(control.act('broker-1', 'killAndHold'))
    await until('broker-1', 'stopped')
    await asked(control.act('broker-1', 'pause'))
    await asked(control.act('console', 'kill'))
    await asked(control.act('broker-1', 'start'))
    await until('broker-1', 'running')`)
  expect(heard).toEqual([
    'The broker-1 was ended by SIGKILL; it is started again in 50 ms.',
    'console: done',
    'console: broker-1 running',
    'console: done',
    'console: broker-1 stopped',
    'console: The broker-1 does not run.',
    'console: The console is left alone: it is no node of the cluster.',
    'console: done',
    'console: broker-1 running',
    'console: the end',
    'console: stops',
    'broker-1: stops',
  ])
}, 60_000)

test('faults reach a process also when it begins anew; one that is paused still stops in order', async () => {
  const heard = await lab(`
    await control.setFaults('broker-1', { ...noFaults, fullDisk: true })
    await asked(control.act('broker-1', 'restart'))
    await until('broker-1', 'running')
    await control.setFaults('broker-1', noFaults)
    await control.act('broker-1', 'pause')
    await until('broker-1', 'paused')
    await control.act('broker-1', 'resume')
    await until('broker-1', 'running')
    await control.act('broker-1', 'pause')`)
  const of = (who: string) =>
    heard.filter((line) => line.startsWith(`${who}: `)).map((line) => line.slice(who.length + 2))
  expect(of('broker-1')).toEqual(['full disk true', 'stops', 'full disk true', 'full disk false', 'stops'])
  expect(of('console')).toEqual(['done', 'broker-1 running', 'broker-1 paused', 'broker-1 running', 'the end', 'stops'])
}, 60_000)
