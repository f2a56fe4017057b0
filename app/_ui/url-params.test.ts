import { expect, it } from 'vitest'
import { flag, integer, list, oneOf, readParams, text, writeParams } from './url-params.ts'

const table = { q: text(), page: integer(1, 1), desc: flag(), sort: oneOf(['name', 'size'], 'name'), in: list() }

it('leaves defaults out of the address and reads them back', () => {
  const search = writeParams(table, new URLSearchParams('lang=zh&page=3'), {
    q: 'a b',
    page: 1,
    sort: 'size',
    in: ['x,y', 'z\\'],
  })
  expect(search.get('lang')).toBe('zh')
  expect(search.has('page')).toBe(false)
  expect(readParams(table, new URLSearchParams(search.toString()))).toEqual({
    q: 'a b',
    page: 1,
    desc: false,
    sort: 'size',
    in: ['x,y', 'z\\'],
  })
})

it('takes the default where the address holds nonsense', () => {
  const search = new URLSearchParams('page=-2&desc=maybe&sort=colour')
  expect(readParams(table, search)).toEqual({ q: '', page: 1, desc: false, sort: 'name', in: [] })
})
