import { expect, test } from 'vitest'
import { Followed, type FollowerReplica } from './followed.ts'
import { FollowerSession } from './follower_session.ts'

function followed(index: number, leaderEpoch = 0) {
  const replica = { logEndOffset: 0, logStartOffset: 0, log: { latestEpoch: undefined } }
  const f = new Followed({
    topic: 't',
    topicId: 'id',
    index,
    leaderId: 1,
    leaderEpoch,
    replica: replica as unknown as FollowerReplica,
  })
  return { f, replica }
}

const always = () => true
const shown = (r: ReturnType<FollowerSession['request']>) => ({
  at: `${r.sessionId}/${r.sessionEpoch}`,
  wanted: r.wanted.map((f) => f.index),
  forgotten: r.forgotten.map((g) => g.index),
})

function opened(...all: Followed[]) {
  const session = new FollowerSession()
  for (const f of all) session.touch(f)
  session.request(always)
  session.answered(7)
  return session
}

test('the first request names everything, the next only what has grown', () => {
  const [a, b] = [followed(0), followed(1)]
  const session = new FollowerSession()
  session.touch(a.f)
  session.touch(b.f)
  expect(shown(session.request(always))).toEqual({ at: '0/0', wanted: [0, 1], forgotten: [] })
  session.answered(7)
  b.replica.logEndOffset = 5
  session.touch(a.f)
  session.touch(b.f)
  expect(shown(session.request(always))).toEqual({ at: '7/1', wanted: [1], forgotten: [] })
  session.answered(7)
  expect(shown(session.request(always))).toEqual({ at: '7/2', wanted: [], forgotten: [] })
})

test('what is left alone is taken out, and comes back as new', () => {
  const [a, b] = [followed(0), followed(1)]
  const session = opened(a.f, b.f)
  session.leave(a.f)
  expect(shown(session.request(always))).toEqual({ at: '7/1', wanted: [], forgotten: [0] })
  session.answered(7)
  session.touch(a.f)
  expect(shown(session.request(always))).toEqual({ at: '7/2', wanted: [0], forgotten: [] })
})

test('one that may not be asked for is not, and is taken out if it was', () => {
  const [a, b] = [followed(0), followed(1)]
  const session = opened(a.f, b.f)
  session.touch(a.f)
  expect(shown(session.request((f) => f !== a.f))).toEqual({ at: '7/1', wanted: [], forgotten: [0] })
  expect(session.size).toBe(1)
})

test('a partition in a new epoch takes the place of what it was', () => {
  const session = opened(followed(0).f)
  const old = followed(1)
  session.touch(old.f)
  session.request(always)
  session.answered(7)
  session.leave(old.f)
  session.touch(followed(1, 1).f)
  expect(shown(session.request(always))).toEqual({ at: '7/2', wanted: [1], forgotten: [] })
})

test('after a request without an answer a new session takes the place of the old one', () => {
  const [a, b] = [followed(0), followed(1)]
  const session = opened(a.f, b.f)
  session.leave(b.f)
  session.request(always)
  session.interrupted()
  expect(shown(session.request(always))).toEqual({ at: '7/0', wanted: [0], forgotten: [] })
})

test('a leader that has forgotten the session, or keeps none, is told everything', () => {
  const [a, b] = [followed(0), followed(1)]
  const session = opened(a.f, b.f)
  session.request(always)
  session.refused('FETCH_SESSION_ID_NOT_FOUND')
  expect(shown(session.request(always))).toEqual({ at: '0/0', wanted: [0, 1], forgotten: [] })
  session.answered(0)
  expect(shown(session.request(always))).toEqual({ at: '0/0', wanted: [0, 1], forgotten: [] })
})
