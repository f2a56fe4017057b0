import { describe, expect, it } from 'vitest'
import { type Checked, type ConfigRules, checkConfig, checkTopicName } from './check-config.ts'

const rules: ConfigRules = { type: 'long', range: null, also: [], oneOf: null, form: null, unit: null }

describe('a config as it is typed', () => {
  it('comes to the value that Kafka wants, or to the rule it breaks', () => {
    const ms: ConfigRules = { ...rules, unit: 'ms', range: { min: 0, max: null }, also: [-1] }
    const list: ConfigRules = { ...rules, type: 'list', oneOf: ['compact', 'delete'] }
    const rows: [ConfigRules, string, Checked][] = [
      [ms, '7 d', { value: '604800000' }],
      [ms, '-1', { value: '-1' }],
      [ms, '-2', { fault: { rule: 'least', limit: 0 } }],
      [ms, 'soon', { fault: { rule: 'unit' } }],
      [rules, '9223372036854775807', { value: '9223372036854775807' }],
      [rules, '1.5', { fault: { rule: 'whole' } }],
      [{ ...rules, type: 'int', range: { min: 1, max: 9 } }, '10', { fault: { rule: 'most', limit: 9 } }],
      [{ ...rules, type: 'boolean' }, 'TRUE', { value: 'true' }],
      [{ ...rules, type: 'boolean' }, 'yes', { fault: { rule: 'boolean' } }],
      [{ ...rules, type: 'double', range: { min: 0, max: 1 } }, '0.5', { value: '0.5' }],
      [{ ...rules, type: 'double' }, '', { fault: { rule: 'number' } }],
      [list, 'compact, delete', { value: 'compact,delete' }],
      [list, 'compact,archive', { fault: { rule: 'oneOf', values: ['compact', 'delete'] } }],
      [{ ...rules, type: 'string', form: { pattern: '\\d+:\\d+', says: 'pairs' } }, '1:2', { value: '1:2' }],
      [
        { ...rules, type: 'string', form: { pattern: '\\d+:\\d+', says: 'pairs' } },
        '12',
        { fault: { rule: 'form', says: 'pairs' } },
      ],
    ]
    for (const [rule, typed, checked] of rows) expect(checkConfig(rule, typed), typed).toEqual(checked)
  })
})

it('names of topics follow Kafka’s rule', () => {
  const rows: [string, string | null][] = [
    ['orders.v1_a-b', null],
    ['', 'nameMissing'],
    ['a'.repeat(250), 'nameLong'],
    ['a b', 'nameCharacters'],
    ['..', 'nameDots'],
  ]
  for (const [name, rule] of rows) expect(checkTopicName(name), name).toBe(rule)
})
