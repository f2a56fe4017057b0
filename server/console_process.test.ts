/** The console in a process of its own, as its supervisor starts it. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { ToChild } from './child_messages.ts'
import type { ConsoleSettings } from './console_process.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

test('a console that is asked to stop while it starts ends, instead of being killed when its time is over', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-console-'))
  const settings: Omit<ConsoleSettings, 'environment'> = {
    ...{ host: '127.0.0.1', port: 0, dataDir, bootstrap: ['127.0.0.1:1'], embedded: true, root: `${dataDir}/` },
    ...{ development: false, allowedHosts: [], brokers: ['1'], controllers: [], metricsDetail: 'topic' },
  }
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, WEIR_ROLE: 'console', WEIR_SETTINGS: JSON.stringify(settings) },
  })
  try {
    child.send({ kind: 'stop' } satisfies ToChild)
    expect(await new Promise((resolve) => child.on('exit', (...how) => resolve(how)))).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
    rmSync(dataDir, { recursive: true })
  }
}, 20_000)
