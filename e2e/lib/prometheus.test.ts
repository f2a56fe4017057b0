import { expect, it } from 'vitest'
import { metricsIn } from './prometheus.ts'

it('names of metrics are found in expressions, and nothing else is taken for one', () => {
  const check = (expression: string, ...names: string[]) =>
    expect([expression, ...metricsIn(expression)]).toEqual([expression, ...names])
  check('up', 'up')
  check(
    'sum by (topic, le) (rate(a_total{x="b{c}", y=~"$z"}[$__rate_interval])) / on(job) group_left(v) b',
    'a_total',
    'b',
  )
  check(
    'histogram_quantile(0.99, sum(rate(a_bucket[5m])) without (le)) > bool 1e3 and time() - b offset 5m',
    'a_bucket',
    'b',
  )
})
