import { expect, test } from 'vitest'
import { hostCheck } from './host_check.ts'

const check = (listenHost: string, header: string | undefined, want: boolean, allowed: string[] = []) =>
  expect([header, hostCheck(listenHost, allowed)(header)]).toEqual([header, want])

test('a console on this machine alone answers to the names of this machine, whatever the port', () => {
  check('127.0.0.1', 'localhost:3000', true)
  check('127.0.0.1', '127.0.0.1:3000', true)
  check('127.0.0.1', 'LOCALHOST', true)
  check('::1', '[::1]:3000', true)
})
test('a page whose name was made to point here is refused', () => {
  check('127.0.0.1', 'evil.example:3000', false)
  check('127.0.0.1', '127.0.0.1.evil.example', false)
  check('127.0.0.1', undefined, false)
})
test('the name that a proxy passes on is answered when it is allowed', () => {
  check('127.0.0.1', 'kafka.example.org', true, ['kafka.example.org'])
})
test('a console on every interface is reached under names that nobody can list', () => {
  check('0.0.0.0', 'anything.example', true)
})
