import { expect, test } from 'vitest'
import { SimTime } from '../env/sim_clock.ts'
import { RoomWatch } from './room_watch.ts'

function stage() {
  const time = new SimTime()
  const told: [number, boolean][] = []
  const lines: string[] = []
  let tries = 0
  const dir = {
    dir: '/data',
    isFull: false,
    isOffline: false,
    hasRoom() {
      tries++
      return !this.isFull
    },
  }
  const watch = new RoomWatch({
    clock: time.clock({ dead: false }),
    log: { warn: (line) => void lines.push(line) },
    onChange: (isFull) => void told.push([time.elapsedMs, isFull]),
  })
  const fill = (isFull: boolean) => {
    dir.isFull = isFull
    if (isFull) watch.noRoom(dir)
  }
  return { time, dir, watch, told, lines, fill, tries: () => tries }
}

test('a dir is full when it has stayed so for half a second, and has room when that has stayed for a second', async () => {
  const s = stage()
  s.fill(true)
  s.watch.noRoom(s.dir)
  await s.time.runFor(10_000)
  s.fill(false)
  await s.time.runFor(10_000)
  expect(s.told).toEqual([
    [500, true],
    [11_250, false],
  ])
  expect(s.lines).toHaveLength(2)
  const tries = s.tries()
  await s.time.runFor(60_000)
  expect(s.tries(), 'nothing is tried where there is room').toBe(tries)
})

test('one that has room again at once was never full', async () => {
  const s = stage()
  for (let n = 0; n < 10; n++) {
    s.fill(true)
    await s.time.runFor(300)
    s.fill(false)
    await s.time.runFor(300)
  }
  expect([s.told, s.lines]).toEqual([[], []])
})

test('room that comes and goes is believed ever later', async () => {
  const s = stage()
  for (let n = 0; n < 60; n++) {
    s.fill(true)
    await s.time.runFor(1_000)
    s.fill(false)
    await s.time.runFor(2_000)
  }
  expect(s.told.length).toBeLessThan(5)
  await s.time.runFor(30_000)
  expect(s.told.at(-1)![1]).toBe(false)
  await s.time.runFor(60_000)
  s.fill(true)
  await s.time.runFor(1_000)
  s.fill(false)
  await s.time.runFor(1_500)
  expect(s.told.at(-1)![1], 'after a calm minute at once').toBe(false)
})

test('one that fails meanwhile is none of its business, nor is anything after its end', async () => {
  const s = stage()
  s.fill(true)
  await s.time.runFor(1_000)
  s.dir.isOffline = true
  await s.time.runFor(1_000)
  expect(s.told.map(([, isFull]) => isFull)).toEqual([true, false])
  s.dir.isOffline = false
  s.watch.stop()
  s.fill(true)
  await s.time.runFor(5_000)
  expect(s.told).toHaveLength(2)
})
