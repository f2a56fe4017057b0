/** Five thousand topics: the list is as quick as it is with few, and search narrows it. */
import { at, expect, test } from './fixtures.ts'

const count = 5_000
const batch = 500
/** Generous: a busy machine with two cores. A list that asks for every topic's figures, or draws every row, is far beyond it. */
const limitMs = 5_000

test('a list of five thousand topics opens, sorts and narrows quickly', async ({ page, client: { kafka } }) => {
  test.setTimeout(240_000)
  // One that has heard of no topic that is gone: kafkajs asks for all it knows, and fails with the first that is not there.
  const admin = kafka.admin()
  await admin.connect()
  const name = (n: number) => `many-${String(n).padStart(4, '0')}`
  for (let from = 0; from < count; from += batch) {
    const topics = Array.from({ length: batch }, (_, n) => ({ topic: name(from + n), numPartitions: 1 }))
    await admin.createTopics({ topics, waitForLeaders: false, timeout: 60_000 })
  }
  await admin.disconnect()
  await page.goto(at('topics'))
  const total = page.getByRole('status').filter({ hasText: /of [\d,]+/ })
  await expect(async () => {
    expect(Number(/of ([\d,]+)/.exec((await total.textContent())!)![1]!.replace(',', ''))).toBeGreaterThanOrEqual(count)
  }, 'the list has heard of them all').toPass({ timeout: 60_000 })

  const within = async (what: string, act: () => Promise<unknown>) => {
    const began = Date.now()
    await act()
    const took = Date.now() - began
    test.info().annotations.push({ type: what, description: `${took} ms` })
    expect(took, `${what}, ms`).toBeLessThan(limitMs)
  }
  const rows = page.locator('tbody [data-row]')
  await within('open', async () => {
    await page.reload()
    await expect(rows).toHaveCount(50)
  })
  const search = page.getByRole('searchbox', { name: 'Search topics' })
  await within('search', async () => {
    await search.fill('many-49')
    await expect(total).toHaveText('1–50 of 100')
    await search.fill('many-4999')
    await expect(rows).toHaveCount(1)
  })
  await expect(page.getByRole('link', { name: 'many-4999' })).toBeVisible()
  await search.fill('many')
  await expect(total).toHaveText('1–50 of 5,000')
  await within('sort', async () => {
    await page.getByRole('button', { name: 'Topic', exact: true }).click()
    await expect(rows.first()).toContainText('many-4999')
  })
  await within('another page', async () => {
    await page.getByRole('button', { name: 'Next' }).click()
    await expect(rows.first()).toContainText('many-4949')
  })
  // 500 rows at once: only those in sight are drawn.
  await within('500 rows', async () => {
    await page.getByRole('combobox', { name: 'Rows a page' }).selectOption('500')
    await expect(total).toHaveText('1–500 of 5,000')
    await expect(rows.first()).toContainText('many-4999')
  })
  expect(await rows.count()).toBeLessThan(200)
  await page.getByRole('region', { name: 'Topics' }).press('End')
  await expect(rows.filter({ hasText: 'many-4500' })).toBeVisible()

  await within('palette', async () => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill('many-3141')
    await expect(page.getByRole('option', { name: 'many-3141' })).toBeVisible()
  })
  await within('one of them', async () => {
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { level: 1, name: 'many-3141' })).toBeVisible()
  })
  await within('overview', async () => {
    await page.goto(at('overview'))
    await expect(
      page
        .getByRole('definition')
        .filter({ hasText: /^5,0\d\d/ })
        .first(),
    ).toBeVisible()
  })
})
