/** Around every page: language, theme, keyboard, and addresses that restore what was looked at. */
import { at, dialog, expect, test } from './fixtures.ts'

const topic = 'framed'

test.beforeAll(async ({ client: { admin, producer } }) => {
  // Once, also when a failed test has begun a new worker.
  if (!(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] }))) return
  const messages = Array.from({ length: 5 }, (_, n) => ({ key: `k${n}`, value: `value ${n}`, partition: 0 }))
  await producer.send({ topic, messages })
})

test('the language and the theme change at once, on the whole page, and stay', async ({ page, browser, baseURL }) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.goto(at('overview'))
  const html = page.locator('html')
  await expect(html).toHaveAttribute('lang', 'en')
  const rail = (name: string) => page.getByRole('navigation', { name })
  await expect(rail('Pages of the cluster').getByRole('link', { name: 'Topics' })).toBeVisible()

  await page.getByRole('button', { name: 'Language' }).click()
  await page.getByRole('menuitemradio', { name: '简体中文' }).click()
  await expect(html).toHaveAttribute('lang', 'zh-CN')
  await expect(page.getByRole('heading', { level: 1, name: '概览' })).toBeVisible()
  await rail('集群页面').getByRole('link', { name: '主题' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '主题' })).toBeVisible()
  await expect(page).toHaveTitle(/主题/)
  await expect(page.getByRole('columnheader', { name: '分区' })).toBeVisible()
  await page.reload()
  await expect(html).toHaveAttribute('lang', 'zh-CN')
  await expect(page.getByRole('searchbox', { name: '搜索主题' })).toBeVisible()
  await page.getByRole('link', { name: topic }).click()
  await expect(page.getByRole('button', { name: '最新' })).toHaveAttribute('aria-pressed', 'true')
  await expect(page.getByRole('columnheader', { name: '位移' })).toBeVisible()

  const light = await ground()
  await page.getByRole('button', { name: '主题外观' }).click()
  await page.getByRole('menuitemradio', { name: '深色' }).click()
  await expect(html).toHaveAttribute('data-theme', 'dark')
  const dark = await ground()
  expect(dark).not.toBe(light)
  await page.reload()
  await expect(html).toHaveAttribute('data-theme', 'dark')
  expect(await ground()).toBe(dark)
  await page.getByRole('button', { name: '主题外观' }).click()
  await page.getByRole('menuitemradio', { name: '跟随系统' }).click()
  await expect.poll(ground).toBe(light)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(ground, 'as the system').toBe(dark)

  await page.goto(`${at('topics')}?lang=en`)
  await expect(page.getByRole('heading', { level: 1, name: 'Topics' }), 'a link may name the language').toBeVisible()
  await expect(page.getByRole('link', { name: topic })).toBeVisible()
  await page.goto(at('topics'))
  await expect(html).toHaveAttribute('lang', 'en')

  // Who has never chosen gets what the browser asks for.
  const stranger = await browser.newContext({ locale: 'zh-CN', baseURL: baseURL! })
  const first = await stranger.newPage()
  await first.goto('/')
  await expect(first.getByRole('heading', { level: 1, name: '概览' })).toBeVisible()
  await stranger.close()
})

test('an address cut short leads to the overview', async ({ page }) => {
  for (const cut of ['/', '/clusters', at('overview').replace(/\/overview$/, '')]) {
    await page.goto(cut)
    await expect(page, cut).toHaveURL(new RegExp(`${at('overview')}$`))
  }
})

test('an address restores search, order, page and filters', async ({ page }) => {
  await page.goto(at('topics'))
  await page.getByRole('searchbox', { name: 'Search topics' }).fill('fram')
  await expect(page).toHaveURL(/q=fram/)
  await page.getByRole('button', { name: 'Records', exact: true }).click()
  await page.getByRole('button', { name: 'Internal' }).click()
  await expect(page).toHaveURL(/sort=records/)
  await page.getByRole('combobox', { name: 'Rows a page' }).selectOption('25')
  const restored = async () => {
    await expect(page.getByRole('searchbox', { name: 'Search topics' })).toHaveValue('fram')
    await expect(page.getByRole('columnheader', { name: 'Records' })).toHaveAttribute('aria-sort', 'descending')
    await expect(page.getByRole('button', { name: 'Internal' })).toHaveAttribute('aria-pressed', 'true')
    await expect(page.getByRole('combobox', { name: 'Rows a page' })).toHaveValue('25')
    await expect(page.getByRole('link', { name: topic })).toBeVisible()
  }
  await restored()
  await page.reload()
  await restored()
  await page.getByRole('link', { name: topic }).click()
  await expect(page.getByRole('heading', { level: 1, name: topic })).toBeVisible()
  await page.goBack()
  await restored()

  await page.goto(at(`topics/${topic}/messages?from=offset&offset=2&p=0&q=value&limit=100&open=0:3`))
  await expect(dialog(page, 'Partition 0, offset 3').getByText('value 3')).toBeVisible()
  await page.getByRole('button', { name: 'Close' }).click()
  await expect(page.getByRole('textbox', { name: 'Offset' })).toHaveValue('2')
  await expect(page.getByRole('button', { name: 'Partition 0' })).toBeVisible()
  await expect(page.getByRole('searchbox')).toHaveValue('value')
  await expect(page.getByRole('table', { name: 'Messages' }).getByRole('row')).toHaveCount(4)

  await page.goto(at(`topics/${topic}/messages?from=nonsense&offset=-4&limit=x&open=?`))
  await expect(
    page.getByRole('table', { name: 'Messages' }).getByRole('row'),
    'what cannot be read is the default',
  ).toHaveCount(6)
})

test('everything is reached by keyboard: palette, search, shortcuts, tables, sheets', async ({ page }) => {
  await page.goto(at('overview'))
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()

  // `/` is the palette where the page has no search of its own.
  await page.keyboard.press('/')
  const palette = dialog(page, 'Go to a page, a topic or a group')
  await palette.getByRole('combobox').fill('fram')
  await expect(palette.getByRole('option', { name: topic })).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: topic })).toBeVisible()

  for (const keys of ['Meta+k', 'Control+k']) {
    await page.keyboard.press(keys)
    await expect(palette).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(palette).toHaveCount(0)
  }
  await page.keyboard.press('Control+k')
  await palette.getByRole('combobox').fill('no such thing')
  await expect(palette.getByText('Nothing of this name')).toBeVisible()
  await palette.getByRole('combobox').fill('new top')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'New topic' })).toBeVisible()
  await page.getByRole('textbox', { name: 'Name' }).press('?')
  await expect(page.getByRole('dialog'), 'a key that is typed is text').toHaveCount(0)

  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('?')
  const help = dialog(page, 'Keyboard shortcuts')
  await expect(help.getByText('Go to a page, topic or group')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(help).toHaveCount(0)

  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await expect(page.getByRole('heading', { level: 1, name: 'Topics' })).toBeVisible()
  await page.keyboard.press('/')
  const search = page.getByRole('searchbox', { name: 'Search topics' })
  await expect(search).toBeFocused()
  await page.keyboard.type(topic)
  await expect(page).toHaveURL(/q=framed/)

  const column = page.getByRole('button', { name: 'Partitions', exact: true })
  await column.press('Enter')
  await expect(page.getByRole('columnheader', { name: 'Partitions' })).toHaveAttribute('aria-sort', 'descending')
  const header = page.getByRole('columnheader', { name: 'Partitions' })
  const before = (await header.boundingBox())!.width
  await column.press('Shift+ArrowRight')
  await expect.poll(async () => (await header.boundingBox())!.width).toBeGreaterThan(before)

  await page.getByRole('link', { name: topic }).press('Enter')
  const offset = page.getByRole('table', { name: 'Messages' }).getByRole('button')
  await expect(offset).toHaveCount(5)
  await offset.first().press('Enter')
  await expect(dialog(page, 'Partition 0, offset 4')).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await expect(dialog(page, 'Partition 0, offset 2').getByText('value 2')).toBeVisible()
  await page.keyboard.press('ArrowUp')
  await expect(dialog(page, 'Partition 0, offset 3').getByText('value 3')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
})
