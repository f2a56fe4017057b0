/** The audit log and the settings: what a change leaves behind, links to it, preferences, views kept under a name. */
import { at, dialog, expect, test } from './fixtures.ts'

const topic = 'audited.topic'

test('a change made on a page is in the audit log, its difference at the side, and a link opens it', async ({
  page,
}) => {
  await page.goto(at(`topics/new?name=${topic}`))
  await page.getByLabel('Name', { exact: true }).fill(topic)
  await page.getByRole('button', { name: 'Plan', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Create topic' }).click()
  await expect(page.getByText('Audit entry')).toBeVisible()

  await page.goto(at(`audit?resource=${topic}`))
  const row = page.getByRole('table', { name: 'Audit log' }).getByRole('row').filter({ hasText: topic })
  await expect(row).toHaveCount(1)
  await expect(row).toContainText('applied')
  await row.getByRole('button').press('Enter')
  const sheet = dialog(page, 'Audit entry')
  await expect(sheet.getByRole('link', { name: topic })).toBeVisible()
  await expect(sheet.getByRole('rowheader', { name: `topic ${topic}` })).toBeVisible()
  const link = new URL(page.url()).searchParams.get('entry')!

  await page.keyboard.press('Escape')
  await expect(sheet).toBeHidden()
  await expect(row.getByRole('button')).toBeFocused()

  // Also where the entry is not on the page of the list that stands behind it.
  await page.goto(at(`audit?q=nothing-of-this-name&entry=${link}`))
  await expect(sheet.getByRole('link', { name: topic })).toBeVisible()
  await sheet.getByRole('button', { name: 'All entries of this resource' }).click()
  await expect(row).toHaveCount(1)
})

test('a link to an entry that is not there says so', async ({ page }) => {
  await page.goto(at('audit?entry=absent'))
  await expect(dialog(page, 'Audit entry').getByRole('alert')).toContainText('no such entry')
})

test('preferences are the same in the settings and in the bar, and stay', async ({ page }) => {
  await page.goto(at('settings'))
  const preferences = page.getByRole('region', { name: 'Preferences' })
  await preferences.getByLabel('Time zone').selectOption('Asia/Shanghai')
  await expect(page.getByRole('button', { name: 'Time zone: Asia/Shanghai' })).toBeVisible()
  await preferences.getByLabel('Theme').selectOption('dark')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await preferences.getByLabel('Language').selectOption('zh')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('设置')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('设置')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
})

test('a view is saved under a name, opened, deleted, and taken back', async ({ page }) => {
  await page.goto(at('settings'))
  const view = page.getByRole('link', { name: 'What failed' })
  await page.getByRole('button', { name: 'Save a view' }).click()
  const form = dialog(page, 'Save a view')
  await form.getByLabel('Name').fill('What failed')
  await form.getByLabel('Address').fill('https://elsewhere.example/')
  await expect(form.getByText('not the address of a page')).toBeVisible()
  await expect(form.getByRole('button', { name: 'Save' })).toBeDisabled()
  await form.getByLabel('Address').fill(at('audit?failed=1'))
  await form.getByLabel('Address').press('Enter')
  await view.click()
  await expect(page).toHaveURL(/audit\?failed=1$/)

  await page.goBack()
  await page.getByRole('button', { name: 'Delete What failed' }).click()
  await expect(view).toBeHidden()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(view).toBeVisible()
  await page.getByRole('button', { name: 'Delete What failed' }).click()
  await expect(view).toBeHidden()
})
