/** What is removed after a while, and how. */
import { expect, test } from 'vitest'
import { simEnv } from '../env/sim.ts'
import { removeLater } from './deletion.ts'
import { Files } from './files.ts'

test('a large file is removed piece by piece, alone or in a folder; what is gone already is no trouble', async () => {
  const { env, machine, time } = simEnv()
  const { disk } = env
  const make = (path: string, bytes: number) => {
    const file = disk.open(path, 'write')
    file.truncate(bytes)
    file.close()
  }
  disk.mkdir('/d/t-0.x-delete')
  make('/d/0.log.deleted', 11 * 2 ** 20)
  make('/d/small.deleted', 1000)
  make('/d/t-0.x-delete/0.log', 5 * 2 ** 20)
  make('/d/t-0.x-delete/0.index', 8)
  removeLater(
    { env, files: new Files(disk) },
    ['/d/0.log.deleted', '/d/none.deleted', '/d/small.deleted', '/d/t-0.x-delete'],
    1000,
  )
  await time.runFor(990)
  expect(disk.list('/d')).toHaveLength(3)
  const sizes: number[] = []
  machine.onDiskCall = (kind, path) => {
    if (kind === 'truncate' && path === '/d/0.log.deleted') sizes.push(disk.open(path, 'read').size() >> 20)
  }
  await time.runFor(12)
  // It rests between the pieces.
  expect(sizes).toEqual([11])
  await time.runFor(40)
  expect(sizes).toEqual([11, 7])
  expect(disk.list('/d')).toEqual([])
})
