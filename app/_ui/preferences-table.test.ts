import { expect, it } from 'vitest'
import { readPreferences } from './preferences-table.ts'

const read = (cookies: Record<string, string>, accept = '') => readPreferences((name) => cookies[name], accept)

it('takes the cookie, then what the browser asks for, then English', () => {
  expect(read({ 'weir-lang': 'zh' }, 'en').locale).toBe('zh')
  expect(read({}, 'zh-CN,zh;q=0.9,en;q=0.8').locale).toBe('zh')
  expect(read({}, 'fr-FR,de;q=0.9,en;q=0.5').locale).toBe('en')
  expect(read({}, '').locale).toBe('en')
})

it('ignores cookies that nobody could have chosen', () => {
  const strange = { 'weir-lang': 'toString', 'weir-theme': 'pink', 'weir-tz': 'Mars/Olympus' }
  expect(read(strange)).toEqual({ locale: 'en', theme: 'system', timeZone: 'local' })
})
