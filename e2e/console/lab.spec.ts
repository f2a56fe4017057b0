/** The cluster lab on three brokers of its own: what is done to processes, scenarios, a run that is kept and shared. */
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import type { Run } from '../../server/lab/run_shape.ts'
import { scenarios } from '../../server/lab/scenarios/scenarios.ts'
import { expectClean, settled } from './accessible.ts'
import { at, dialog, expect, figure, test } from './fixtures.ts'
import { type Running, startSystem } from './system.ts'

let system: Running

test.beforeAll(async () => {
  test.setTimeout(240_000)
  system = await startSystem('weir', { brokers: 3, settings: { 'broker.session.timeout.ms': '3000' } })
})
test.afterAll(() => system?.stop())

const open = async (page: Page, path = 'lab') => {
  await page.goto(`${system.url}${at(path)}`)
  await settled(page)
}
const processRow = (page: Page, name: string) =>
  page.getByRole('table', { name: 'Processes' }).getByRole('row').filter({ hasText: name })

/** Beside the run's heading. */
const verdict = (page: Page) =>
  page.getByRole('heading', { name: /^Run: / }).locator('xpath=following-sibling::span[1]')

async function act(page: Page, name: string, action: string) {
  await page.getByRole('button', { name: `Actions: ${name}` }).click()
  await page.getByRole('menuitem', { name: action, exact: true }).click()
}

test('a broker is killed and kept down, and started again; the plan says whom it concerns, the audit log keeps it', async ({
  page,
}) => {
  await open(page)
  await expect(processRow(page, 'Broker 2')).toContainText('running')
  await expect(page.getByRole('button', { name: 'Actions: Console' }), 'the console is left alone').toHaveCount(0)
  await act(page, 'Broker 2', 'Kill and keep down')
  const plan = dialog(page, 'Kill Broker 2 and keep it down')
  await expect(plan.getByRole('row', { name: /Broker 2/ })).toContainText('killed, kept down')
  await plan.getByRole('button', { name: 'Kill', exact: true }).click()
  await expect(processRow(page, 'Broker 2')).toContainText('stopped')
  await act(page, 'Broker 2', 'Start')
  await expect(processRow(page, 'Broker 2')).toContainText('running')
  await page.goto(`${system.url}${at('audit?type=process')}`)
  const entries = page.getByRole('table', { name: 'Audit log' })
  await expect(entries.getByRole('row').filter({ hasText: 'killed and kept down' })).toContainText('broker-2')
  await expect(entries.getByRole('row').filter({ hasText: 'started' })).toContainText('broker-2')
})

test('faults are set and cleared', async ({ page }) => {
  await open(page)
  await act(page, 'Broker 3', 'Faults …')
  const form = dialog(page, 'Faults of Broker 3')
  await form.getByLabel('Slower disk').fill('soon')
  await expect(form.getByText('A time such as 200 ms or 2 s.')).toBeVisible()
  await form.getByLabel('Slower disk').fill('0.2 s')
  await form.getByLabel('Full disk: nothing may grow').check()
  await form.getByRole('button', { name: 'Look at the plan' }).click()
  await dialog(page, 'Faults of Broker 3').getByRole('button', { name: 'Set' }).click()
  await expect(processRow(page, 'Broker 3')).toContainText('disk +200 ms')
  await expect(processRow(page, 'Broker 3')).toContainText('disk full')
  await act(page, 'Broker 3', 'Faults …')
  await dialog(page, 'Faults of Broker 3').getByRole('button', { name: 'Clear all' }).click()
  await dialog(page, 'Faults of Broker 3').getByRole('button', { name: 'Set' }).click()
  await expect(processRow(page, 'Broker 3')).toContainText('none')
})

for (const { id } of scenarios.filter((s) => s.id !== 'broker-killed')) {
  test(`the scenario ${id} goes as it should`, async ({ page }) => {
    test.setTimeout(180_000)
    await open(page, `lab?scenario=${id}`)
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await dialog(page, 'Start a run').getByRole('button', { name: 'Start', exact: true }).click()
    await expect(verdict(page)).toHaveText('running', { timeout: 40_000 })
    await expect(verdict(page)).not.toHaveText('running', { timeout: 150_000 })
    const steps = await page.getByRole('region', { name: 'What should happen, and what did' }).innerText()
    expect(await verdict(page).innerText(), steps).toMatch(/^\W*as it should be$/)
    await expect(figure(page, 'Lost')).toContainText('0')
    await expect(figure(page, 'Lost')).toContainText('all found, in order')
  })
}

test('a run by hand measures, is kept, shared by its link and exported; axe finds nothing', async ({ page }) => {
  await open(page)
  await page.getByLabel('What is done').selectOption('Nothing: I do it by hand')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await dialog(page, 'Start a run').getByRole('button', { name: 'Start', exact: true }).click()
  await expect(figure(page, 'Measured')).toContainText(/of [3-9] s/, { timeout: 30_000 })
  await act(page, 'Broker 1', 'Restart cleanly')
  await dialog(page, 'Restart Broker 1').getByRole('button', { name: 'Restart' }).click()
  await expect(processRow(page, 'Broker 1')).toContainText('running')
  const timeline = page.getByRole('slider', { name: /Timeline of the run/ })
  await timeline.press('Home')
  await timeline.press('Shift+ArrowRight')
  await expect(timeline).toHaveAttribute('aria-valuetext', /Partition 0: broker \d, epoch 0, ISR 3 of 3/)
  await page.getByRole('button', { name: 'Stop the run' }).click()
  await expect(page.getByRole('button', { name: 'Export as JSON' })).toBeVisible()

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export as JSON' }).click(),
  ])
  const run = JSON.parse(readFileSync((await file.path())!, 'utf8')) as Run
  expect(run.summary).toMatchObject({ passed: null, verdict: { lost: 0, doubled: 0, outOfOrder: 0, elsewhere: 0 } })
  expect(run.summary!.acknowledged).toBeGreaterThan(100)
  expect(run.events.map((e) => e.kind)).toContain('action')

  // Another day, by its link.
  const figures = await page.getByRole('region', { name: 'Availability' }).innerText()
  await page.goto(`${system.url}${at(`lab?run=${run.head.id}`)}`)
  await expect(page.getByRole('region', { name: 'Availability' })).toBeVisible()
  expect(await page.getByRole('region', { name: 'Availability' }).innerText()).toBe(figures)
  await expect(page.getByRole('table', { name: 'Runs' }).getByRole('row').nth(1)).toContainText('by hand')
  await expectClean(page, 'lab with a run')
  await page.goto(`${system.url}${at('lab?run=absent')}`)
  await expect(page.getByText('There is no such run.')).toBeVisible()
})
