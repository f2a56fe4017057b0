/** The documents' models: the worked values of each formula through the page, and what is measured beside them. */
import type { Page } from '@playwright/test'
import { at, dialog, expect, test } from './fixtures.ts'

const product = { partitions: 4, brokers: 3, messageSize: 100, batchSize: 500, time: 10 }
/** Formula, its quantity, inputs, value, and how the page writes it. */
const worked: [id: string, show: string, inputs: Record<string, number>, value: number, written: string][] = [
  [
    'ratio.throughput',
    'throughput',
    { partitionSize: 1_073_741_824, messageSize: 1_024, consumers: 3, messageRate: 5_000 },
    14_999.985694899,
    '15,000 msg/s',
  ],
  [
    'ratio.latency',
    'latency',
    { partitionSize: 1_073_741_824, messageSize: 1_024, consumers: 3, messageRate: 5_000 },
    14_999.985694899,
    '15,000 msg/s',
  ],
  [
    'ratio.throughput',
    'throughput',
    { partitionSize: 1_000, messageSize: 1_000, consumers: 4, messageRate: 250 },
    500,
    '500 msg/s',
  ],
  ['ratio.availability', 'availability', { replicationFactor: 3, brokers: 3, partitions: 12 }, 0.428571428571, '42.9%'],
  ['ratio.availability', 'availability', { replicationFactor: 1, brokers: 1, partitions: 1 }, 0.5, '50%'],
  ['simple.throughput', 'throughput', { messageBytesSent: 1_048_576, time: 0.5 }, 2_097_152, '2.1 MB/s'],
  ['simple.latency', 'latency', { messageSize: 1_000, overhead: 70, rate: 10_000_000 }, 0.000107, '107 µs'],
  [
    'simple.storage',
    'storage',
    { messageBytesKept: 1_073_741_824, partitions: 6, replicationFactor: 3 },
    19_327_352_832,
    '18 GiB',
  ],
  ['product.throughput', 'throughput', { ...product, producers: 2 }, 120_000, '120 kB/s'],
  ['product.latency', 'latency', { ...product, consumers: 5 }, 300_000, '300 kB/s'],
  ['product.availability', 'availability', { replicationFactor: 2, brokers: 3, partitions: 4, time: 60 }, 0.4, '0.4/s'],
]

const fact = (page: Page, id: string, name: string) =>
  page
    .getByRole('region', { name: id })
    .getByRole('term')
    .filter({ hasText: new RegExp(`^${name}$`) })
    .locator('xpath=following-sibling::dd')

test('every formula gives its worked value for the inputs in the address, and for inputs that are typed', async ({
  page,
}) => {
  for (const [id, show, inputs, value, written] of worked) {
    const query = new URLSearchParams({
      show,
      ...Object.fromEntries(Object.entries(inputs).map(([k, v]) => [k, `${v}`])),
    })
    await page.goto(at(`models?${query}`))
    const model = fact(page, id, 'Model')
    await expect(model, id).toHaveText(written)
    const exact = Number(await model.getByTitle(/./).getAttribute('title'))
    expect(Math.abs(exact / value - 1), `${id}: ${exact}`).toBeLessThan(1e-9)
    await expect(fact(page, id, 'Source')).toHaveText(/\.txt, 3\.\d/)
    await expect(page.getByRole('region', { name: id }).getByRole('img', { name: /Model: / })).toBeVisible()
  }

  await page.goto(at('models?show=storage'))
  const typed = { 'Bytes kept in a partition': '1 GiB', Partitions: '6', 'Replication factor': '3' }
  for (const [name, text] of Object.entries(typed)) await page.getByRole('textbox', { name, exact: true }).fill(text)
  await expect(fact(page, 'simple.storage', 'Model')).toHaveText('18 GiB')
  await expect(page).toHaveURL(/partitions=6/)
  await page.reload()
  await expect(fact(page, 'simple.storage', 'Model')).toHaveText('18 GiB')
  // However fast it is typed, and in the middle too.
  const partitions = page.getByRole('textbox', { name: 'Partitions', exact: true })
  await partitions.clear()
  await partitions.pressSequentially('123456')
  await partitions.press('Home')
  await partitions.pressSequentially('99')
  await expect(partitions).toHaveValue('99123456')
  await expect(page).toHaveURL(/partitions=99123456/)
  await partitions.fill('-1')
  await expect(fact(page, 'simple.storage', 'Model')).toHaveText('Partitions must not be negative.')
  await page.getByRole('button', { name: 'All back to live' }).click()
  await expect(page).not.toHaveURL(/partitions=/)
  await expect(page.getByText('set by hand')).toHaveCount(0)
})

test('what is measured stands beside: rates while a client produces, latency and availability once the probe runs', async ({
  page,
  client: { admin },
  keepSending,
}) => {
  await admin.createTopics({ topics: [{ topic: 'metered' }] })
  const sending = keepSending('metered', () => ({ value: 'x'.repeat(500) }))
  await page.goto(at('models?window=10s'))
  await expect(fact(page, 'ratio.throughput', 'Measured')).toContainText(/Messages in\s*[1-9][\d.]* msg\/s/)
  await expect(fact(page, 'simple.throughput', 'Measured')).toContainText(/Bytes in\s*[\d.]+ k?B\/s/)

  await page.getByRole('button', { name: 'Latency', exact: true }).click()
  await expect(fact(page, 'simple.latency', 'Measured')).toContainText('the probe is off')
  await page.getByRole('button', { name: 'Start the probe' }).click()
  const plan = dialog(page, 'Start the probe')
  await expect(plan.getByRole('row', { name: /__weir_probe/ })).toBeVisible()
  await plan.getByRole('button', { name: 'Start the probe' }).click()
  await expect(fact(page, 'simple.latency', 'Measured')).toContainText(/Latency p50\s*[\d.]+ (µs|ms)/)
  await expect(page.getByText('odd unit').first(), 'a latency that is no time is called so').toBeVisible()
  await page.getByRole('button', { name: 'Availability', exact: true }).click()
  await expect(fact(page, 'ratio.availability', 'Measured')).toContainText(/Availability\s*\d+(\.\d+)?%/)

  // A link to this very moment.
  await page.getByRole('button', { name: 'Hold' }).click()
  await expect(page).toHaveURL(/held=/)
  await expect(page.getByText(/^Held: the figures of/)).toBeVisible()
  const held = await page.getByRole('region', { name: 'ratio.availability' }).innerText()
  await page.reload()
  await expect(page.getByText(/^Held: the figures of/)).toBeVisible()
  await expect.poll(() => page.getByRole('region', { name: 'ratio.availability' }).innerText()).toBe(held)

  await page.getByRole('button', { name: 'Go live' }).click()
  await page.getByRole('button', { name: 'Stop the probe' }).click()
  await dialog(page, 'Stop the probe').getByRole('button', { name: 'Stop the probe' }).click()
  await expect(page.getByRole('button', { name: 'Start the probe' })).toBeVisible()
  await sending.stop()
})
