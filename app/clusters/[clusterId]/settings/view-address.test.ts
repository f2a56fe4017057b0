import { expect, it } from 'vitest'
import { viewAddress } from './view-address.ts'

const of = (typed: string) => viewAddress(typed, 'http://localhost:3000', '/clusters/default')

it('keeps path and query of a page of the cluster, whole or without the origin', () => {
  const view = { page: 'groups', url: '/clusters/default/groups?q=slow' }
  expect(of('http://localhost:3000/clusters/default/groups?q=slow')).toEqual(view)
  expect(of(' /clusters/default/groups?q=slow#content ')).toEqual(view)
  expect(of('/clusters/default/topics/orders/messages?from=newest')?.page).toBe('topics')
})

it('takes no address of another site, another cluster, or of none', () => {
  for (const typed of [
    '',
    'slow groups',
    'https://elsewhere.example/clusters/default/groups',
    '//elsewhere.example/clusters/default/groups',
    'javascript:alert(1)',
    '/clusters/other/groups',
    '/clusters/default',
    '/clusters/default/',
  ]) {
    expect(of(typed), typed).toBeUndefined()
  }
})
