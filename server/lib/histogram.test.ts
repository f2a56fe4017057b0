import { expect, test } from 'vitest'
import { Histogram, quantileOf, RecentQuantiles } from './histogram.ts'

test('a value falls into the first class whose upper end it does not pass, the rest into the last', () => {
  const h = new Histogram([1, 2, 5])
  for (const v of [0, 1, 1.1, 2, 5, 5.1, 1e9]) h.observe(v)
  expect([...h.counts]).toEqual([2, 2, 1, 2])
  expect([h.count, h.sum]).toEqual([7, 0 + 1 + 1.1 + 2 + 5 + 5.1 + 1e9])
})

test('a quantile lies in its class, at the share of the class that is below it', () => {
  const h = new Histogram([10, 20, 40])
  for (let i = 0; i < 50; i++) h.observe(15)
  for (let i = 0; i < 50; i++) h.observe(30)
  expect([0.25, 0.5, 0.75, 1].map((q) => quantileOf(h.bounds, h.counts, q))).toEqual([15, 20, 30, 40])
  expect(quantileOf(h.bounds, [0, 0, 0, 0], 0.5)).toBeNaN()
  expect(quantileOf(h.bounds, [0, 0, 0, 3], 0.5)).toBe(40)
})

test('recent quantiles forget what was counted before their window, however often one looks', () => {
  const h = new Histogram([10, 100])
  const recent = new RecentQuantiles(h, { stepMs: 30_000, keepMs: 300_000 })
  for (let i = 0; i < 100; i++) h.observe(5)
  expect(recent.at(0, [0.99])[0]).toBeLessThanOrEqual(10)
  for (let nowMs = 1000; nowMs <= 400_000; nowMs += 1000) {
    h.observe(50)
    recent.at(nowMs, [0.5])
  }
  expect(recent.at(400_000, [0.01])[0]).toBeGreaterThan(10)
})

test('recent quantiles are there at the first look, and after a long pause tell of the time since', () => {
  const h = new Histogram([10, 100])
  const recent = new RecentQuantiles(h, { stepMs: 30_000, keepMs: 300_000 })
  h.observe(5)
  expect(recent.at(0, [0.5])[0]).toBe(5)
  h.observe(50)
  expect(recent.at(3_600_000, [0.5])[0]).toBe(55)
})
