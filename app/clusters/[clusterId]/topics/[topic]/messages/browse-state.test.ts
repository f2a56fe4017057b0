import { expect, it } from 'vitest'
import { type Action, type BrowseEvent, browse, nothingRead, type RecordRow, ringRows } from './browse-state.ts'

const row = (offset: number) => ({ partition: 0, offset }) as RecordRow
const records = (...offsets: number[]): BrowseEvent => ({ type: 'batch', records: offsets.map(row), dropped: 0 })
const event = (e: BrowseEvent, how: { paused?: boolean; hold?: boolean } = {}): Action => ({
  do: 'event',
  event: e,
  paused: how.paused ?? false,
  hold: how.hold ?? false,
})
const run = (...actions: Action[]) => actions.reduce(browse, nothingRead)
const offsets = (rows: readonly RecordRow[]) => rows.map((r) => r.offset)
const live = event({ type: 'phase', phase: 'live', resumed: false })
const reading = event({ type: 'phase', phase: 'reading', resumed: false })
const resolving = (resumed: boolean) => event({ type: 'phase', phase: 'resolving', resumed })

it('adds the following page to what was read', () => {
  const state = run(reading, event(records(9, 8)), { do: 'continue' }, reading, event(records(7, 6)))
  expect([...offsets(state.earlier), ...offsets(state.rows)]).toEqual([9, 8, 7, 6])
})

it('reads a page again from its start when the connection broke, and keeps the pages before', () => {
  const state = run(
    reading,
    event(records(9)),
    { do: 'continue' },
    reading,
    event(records(8)),
    resolving(false),
    reading,
    event(records(8, 7)),
  )
  expect([...offsets(state.earlier), ...offsets(state.rows)]).toEqual([9, 8, 7])
})

it('goes on where it was when a live stream is resumed', () => {
  const state = run(live, event(records(1, 2)), resolving(true), live, event(records(3)))
  expect(offsets(state.rows)).toEqual([3, 2, 1])
})

it('shows the newest of a live view first and keeps only so many', () => {
  const many = Array.from({ length: ringRows + 5 }, (_, i) => i)
  const state = run(live, event(records(...many)))
  expect(state.rows.length).toBe(ringRows)
  expect(state.rows[0]!.offset).toBe(ringRows + 4)
})

it('counts what it missed while paused', () => {
  const state = run(
    live,
    event(records(1)),
    event({ type: 'batch', records: [row(2), row(3)], dropped: 4 }, { paused: true }),
  )
  expect(offsets(state.rows)).toEqual([1])
  expect(state.missed).toBe(6)
  expect(browse(state, { do: 'resume' }).missed).toBe(0)
})

it('holds records back while the pointer is over the list, and shows them when it leaves', () => {
  const held = run(live, event(records(1)), event(records(2, 3), { hold: true }))
  expect(offsets(held.rows)).toEqual([1])
  expect(offsets(held.held)).toEqual([3, 2])
  expect(offsets(browse(held, { do: 'release' }).rows)).toEqual([3, 2, 1])
})
