import { expect, test } from 'vitest'
import { parse } from '../../e2e/lib/prometheus.ts'
import { contentType, expose, Families, type Format, formatFor, labels, type Metric } from './exposition.ts'
import { Histogram } from './histogram.ts'

const filled = new Histogram([0.5, 1])
for (const v of [0.1, 0.7, 3]) filled.observe(v)

const rows: readonly Metric<{ n: number }>[] = [
  { name: 'x_things', type: 'gauge', help: 'Things.', read: ({ n }) => n },
  { name: 'x_done_total', type: 'counter', help: 'Back\\slash, "quotes"\nand lines.', read: () => [['', 1]] },
  { name: 'x_build_info', type: 'info', help: 'Build.', read: () => [[labels({ version: '1' }), 1]] },
  { name: 'x_seconds', type: 'histogram', help: 'Time.', read: () => [[labels({ of: 'a' }), filled]] },
  {
    name: 'x_ms',
    type: 'summary',
    help: 'Time.',
    read: () => [['', { quantiles: [[0.5, Number.NaN]], sum: 0, count: 0 }]],
  },
  { name: 'x_unknown', type: 'gauge', help: 'Not known.', read: () => undefined },
  { name: 'x_none', type: 'gauge', help: 'None.', read: () => [['', Number.NaN]] },
]

function text(format: Format, common = ''): string {
  const families = new Families()
  for (const part of expose(rows, { n: 3 }, common)) families.add(part)
  return [...families.text(format)].join('')
}

test('the text format is what Prometheus has read for years', () => {
  expect(text('text')).toBe(`# HELP x_things Things.
# TYPE x_things gauge
x_things 3
# HELP x_done_total Back\\\\slash, "quotes"\\nand lines.
# TYPE x_done_total counter
x_done_total 1
# HELP x_build_info Build.
# TYPE x_build_info gauge
x_build_info{version="1"} 1
# HELP x_seconds Time.
# TYPE x_seconds histogram
x_seconds_bucket{of="a",le="0.5"} 1
x_seconds_bucket{of="a",le="1.0"} 2
x_seconds_bucket{of="a",le="+Inf"} 3
x_seconds_sum{of="a"} 3.8
x_seconds_count{of="a"} 3
# HELP x_ms Time.
# TYPE x_ms summary
x_ms{quantile="0.5"} NaN
x_ms_sum 0
x_ms_count 0
`)
})

test('OpenMetrics has the same samples, families without suffixes, and an end', () => {
  const samples = (format: Format) =>
    text(format)
      .split('\n')
      .filter((line) => !line.startsWith('#'))
  expect(samples('openmetrics')).toEqual(samples('text'))
  const read = parse(text('openmetrics'), 'openmetrics')
  expect([...read.families.keys()]).toEqual(['x_things', 'x_done', 'x_build', 'x_seconds', 'x_ms'])
  expect(read.families.get('x_done')!.help).toBe('Back\\slash, "quotes"\nand lines.')
})

test('a strict reader takes both, with what every sample has in common', () => {
  for (const format of ['text', 'openmetrics'] as const) {
    const read = parse(text(format, labels({ cluster: 'c' })), format)
    expect(read.value('x_things', { cluster: 'c' })).toBe(3)
    expect(read.value('x_seconds_bucket', { cluster: 'c', of: 'a', le: '1.0' })).toBe(2)
  }
})

test('labels are escaped, and those without a value left out', () => {
  const nasty = 'a"b\\c\nd,e="f"}'
  const own = labels({ topic: nasty, partition: 0, none: undefined })
  expect(own).toBe('topic="a\\"b\\\\c\\nd,e=\\"f\\"}",partition="0"')
  const families = new Families()
  families.add({ name: 'x', type: 'gauge', help: 'x', lines: `x{${own}} 1\n` })
  const [sample] = parse([...families.text('text')].join(''), 'text').samples
  expect(sample!.labels).toEqual({ topic: nasty, partition: '0' })
})

test('a family of many samples comes in parts, and parts of several sources stand together', () => {
  const many: Metric<null> = {
    name: 'x',
    type: 'gauge',
    help: 'x',
    read: () => Array.from({ length: 2500 }, (_, i) => [labels({ i }), i] as const),
  }
  const other: Metric<null> = { name: 'y', type: 'gauge', help: 'y', read: () => 1 }
  const parts = ['a', 'b'].map((from) => [...expose([many, other], null, labels({ from }))])
  expect(parts[0]!.map((p) => p.lines.split('\n').length - 1)).toEqual([1000, 1000, 500, 1])
  const families = new Families()
  for (const part of parts.flat()) families.add(part)
  const read = parse([...families.text('text')].join(''), 'text')
  expect([read.find('x').length, read.value('x', { from: 'b', i: '2499' })]).toEqual([5000, 2499])
})

test('OpenMetrics is sent to those who ask for it', () => {
  const check = (accept: string | undefined, want: Format) =>
    expect([accept, formatFor(accept)]).toEqual([accept, want])
  check(undefined, 'text')
  check('*/*', 'text')
  check('text/html,application/xhtml+xml,*/*;q=0.8', 'text')
  check(
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    'openmetrics',
  )
  check('application/openmetrics-text; version=1.0.0', 'openmetrics')
  check('application/openmetrics-text; version=0.0.1', 'text')
  check('application/openmetrics-text;q=0.5, text/plain', 'text')
  check('application/openmetrics-text;q=0', 'text')
  check('application/openmetrics-text;q=x', 'text')
  expect(contentType.openmetrics).toContain('version=1.0.0')
})

test('the strict reader is strict: each of these is refused', () => {
  const good = '# HELP a_total A.\n# TYPE a_total counter\n'
  const bad: [string, RegExp][] = [
    [`${good}a_total 1`, /does not end/],
    [`${good}a_total 1\na_total 2\n`, /twice/],
    [`${good}a_total -1\n`, /counter of -1/],
    [`${good}a_total{b="1",} 1\n`, /labels/],
    [`${good}a_total{b="1\\t"} 1\n`, /\\t/],
    [`${good}a_total{b="1",b="2"} 1\n`, /twice/],
    [`${good}a_total 0x1\n`, /not a number/],
    [`${good}b 1\n`, /not of a_total/],
    [`${good}`, /no samples/],
    [`a_total 1\n`, /without HELP/],
    [`${good}a_total 1\n\n`, /not a sample/],
    [`${good}a_total 1\n# HELP b B.\n# TYPE b gauge\nb 1\n${good}a_total{c="1"} 1\n`, /stand together/],
    [
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1.0"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
      /cumulative/,
    ],
    ['# HELP h H.\n# TYPE h histogram\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 1\n', /not the count/],
    ['# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n', /bound 1/],
    ['# HELP h H.\n# TYPE h histogram\nh_bucket{le="+Inf"} 2\nh_count 2\n', /no sum/],
    ['# HELP a A.\n# TYPE a counter\na 1\n', /_total/],
  ]
  for (const [input, why] of bad) expect(() => parse(input, 'text')).toThrow(why)
  expect(() => parse('# HELP a A.\n# TYPE a gauge\na 1\n', 'openmetrics')).toThrow(/EOF/)
})
