import { expect, it } from 'vitest'
import { compare, markdown, record } from './results.ts'

it('what a run has not measured stays as it was, and its rows are marked', () => {
  const pair = { ours: 'weir', theirs: 'kafka' } as const
  const row = (group: string, what: string, ours: number, theirs: number) => {
    record(group, what, 'ms', 'weir', ours)
    record(group, what, 'ms', 'kafka', theirs)
    compare(group, what, 'ms', pair, { atMost: 1 })
  }
  row('Produce', 'small', 1, 2)
  row('Consume', 'new', 4, 2)
  const before = `# Weir

## At rest

2026-01-01: then.

| what | unit | Weir | Apache Kafka | ratio | target | met |
| --- | --- | ---: | ---: | ---: | --- | --- |
| memory | MiB | 1 | 2 | 0.5 |  |  |

## Produce

2026-01-01: then.

| what | unit | Weir | Apache Kafka | ratio | target | met |
| --- | --- | ---: | ---: | ---: | --- | --- |
| large ° | ms | 5 | 5 | 1 |  |  |
| small | ms | 9 | 9 | 1 | ≤ 1 | yes |
| other | ms | 7 | 7 | 1 |  |  |
`
  const run = { repetitions: 1, quick: false, versions: 'now', loadBefore: 0 }
  const text = markdown(run, before)
  const rows = text.split('\n').filter((line) => /^(##|\| (?!what|---))|then/.test(line))
  expect(rows).toEqual([
    '## At rest',
    '2026-01-01: then.',
    '| memory | MiB | 1 | 2 | 0.5 |  |  |',
    '## Produce',
    '| large ° | ms | 5 | 5 | 1 |  |  |',
    '| small | ms | 1 | 2 | 0.5 | ≤ 1 | yes |',
    '| other ° | ms | 7 | 7 | 1 |  |  |',
    '## Consume',
    '| new | ms | 4 | 2 | 2 | ≤ 1 | **no** |',
  ])
  expect(markdown(run, text)).toBe(text)
})
