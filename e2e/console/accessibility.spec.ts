/**
 * axe finds nothing on any page, in both themes; no page scrolls sideways, on a desk, a tablet or a phone.
 * Pages as they are with data, and what opens over them.
 */
import type { Page } from '@playwright/test'
import { expectClean, settled, violations } from './accessible.ts'
import { at, consume, dialog, expect, test } from './fixtures.ts'

const topic = 'seen.by_all'
const group = 'readers'

const pages = [
  'overview',
  'overview?lang=zh',
  'topics',
  'topics?q=nothing-of-this-name',
  'topics/new',
  `topics/${topic}/messages`,
  `topics/${topic}/messages?open=0:0`,
  `topics/${topic}/messages?open=0:0&lang=zh`,
  `topics/${topic}/messages?produce=1`,
  `topics/${topic}/partitions`,
  `topics/${topic}/groups`,
  `topics/${topic}/configuration`,
  'topics/absent/messages',
  'groups',
  `groups/${group}`,
  `groups/${group}?reset=1`,
  'groups/absent',
  'models',
  'models?show=latency',
  'models?show=availability',
  'lab',
  'lab?scenario=leader-killed',
  'lab?scenario=leader-killed&lang=zh',
  'brokers',
  'brokers/1',
  'audit',
  'settings',
  'http',
  'absent',
]
const widths = [1280, 768, 390]

/** axe on a desk in both themes, no scrolling sideways at any width, and axe again on a phone, which has another layout. */
async function expectFit(page: Page, path: string) {
  await expectClean(page, path)
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    const beyond = () =>
      page.evaluate(() => {
        const main = document.querySelector('main')!
        return [document.documentElement, main].map((el) => el.scrollWidth - el.clientWidth)
      })
    const what = `${path} at ${width} px: pixels beyond the page and beyond its content`
    // Charts take on a new width a moment after the page did.
    await expect.soft.poll(beyond, { message: what, timeout: 3_000 }).toEqual([0, 0])
  }
  expect.soft(await violations(page), `${path}, narrow`).toEqual([])
  await page.setViewportSize({ width: widths[0]!, height: 800 })
}

// First: nothing is there yet.
test('an empty cluster: axe finds nothing, and every page says how to begin', async ({ page }) => {
  await page.goto(at('overview'))
  await expect(page.getByText('A cluster without a topic yet')).toBeVisible()
  await expectFit(page, 'overview, empty')
  await expect(page.getByText(`kcat -P -b ${process.env.CONSOLE_BOOTSTRAP}`)).toBeVisible()
  for (const [path, says] of [
    ['topics', 'No topics yet'],
    ['groups', 'No consumer groups yet'],
    ['audit', 'Nothing has been changed yet'],
    ['settings', 'No saved views'],
  ] as const) {
    await page.goto(at(path))
    await expect(page.getByText(says)).toBeVisible()
    await expectFit(page, `${path}, empty`)
  }
})

test.describe('with topics, messages and a group', () => {
  test.beforeAll(async ({ client: { kafka, admin, producer } }) => {
    // Once, also when a failed test has begun a new worker.
    if (!(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] }))) return
    const headers = { source: ['a', 'b'] }
    const messages = Array.from({ length: 60 }, (_, n) => ({
      key: `k${n}`,
      value: JSON.stringify({ n }),
      headers,
      partition: n % 2,
    }))
    await producer.send({ topic, messages })
    const consumer = await consume(kafka, group, topic)
    await expect.poll(() => consumer.read.length).toBe(60)
    await consumer.stop()
  })

  for (const path of pages) {
    test(`${path}: axe finds nothing, and nothing scrolls sideways`, async ({ page }) => {
      await page.goto(at(path))
      await settled(page)
      await expectFit(page, path)
    })
  }

  test('menus, dialogs, palette and the drawer of a phone: axe finds nothing', async ({ page }) => {
    await page.goto(at(`topics/${topic}/messages`))
    await settled(page)
    const close = () => page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Change the topic' }).click()
    await expect(page.getByRole('menuitem', { name: 'Delete topic' })).toBeVisible()
    await expectClean(page, 'menu')
    await page.getByRole('menuitem', { name: 'Delete topic' }).click()
    await expect(dialog(page, `Delete ${topic}`).getByText('Cannot be undone')).toBeVisible()
    await expectClean(page, 'plan')
    await close()

    await page.getByRole('button', { name: 'Options' }).click()
    await expectClean(page, 'options')
    await close()

    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill('seen')
    await expect(page.getByRole('option', { name: topic })).toBeVisible()
    await expectClean(page, 'palette')
    await close()

    await page.keyboard.press('?')
    await expect(dialog(page, 'Keyboard shortcuts')).toBeVisible()
    await expectClean(page, 'shortcuts')
    await close()

    await page.setViewportSize({ width: 390, height: 800 })
    await page.getByRole('button', { name: 'Menu' }).click()
    await expect(dialog(page, 'Menu').getByRole('link', { name: 'Topics' })).toBeVisible()
    await expectClean(page, 'drawer')
  })
})
