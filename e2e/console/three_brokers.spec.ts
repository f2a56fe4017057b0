/** A cluster of three brokers as its operator sees it: one that is down, leaders, replicas that move, a broker's configs, no controller. */
import type { Page } from '@playwright/test'
import { expectClean, settled } from './accessible.ts'
import { at, clientOf, dialog, expect, figure, producerOf, test } from './fixtures.ts'
import { type Running, startSystem } from './system.ts'

let system: Running

test.beforeAll(async () => {
  test.setTimeout(240_000)
  system = await startSystem('weir', {
    brokers: 3,
    // Leaders go back only when they are asked to.
    settings: { 'broker.session.timeout.ms': '3000', 'auto.leader.rebalance.enable': 'false' },
  })
  const kafka = clientOf(system.bootstrap)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({
    topics: [
      { topic: 'orders', numPartitions: 3, replicationFactor: 3 },
      { topic: 'single', numPartitions: 2, replicationFactor: 1 },
    ],
  })
  await admin.disconnect()
  const producer = producerOf(kafka)
  await producer.connect()
  for (const topic of ['orders', 'single']) {
    await producer.send({ topic, messages: Array.from({ length: 50 }, (_, n) => ({ value: `record ${n}` })) })
  }
  await producer.disconnect()
})
test.afterAll(() => system?.stop())

const open = async (page: Page, path: string) => {
  await page.goto(`${system.url}${at(path)}`)
  await settled(page)
}
const row = (page: Page, table: string, name: string | RegExp) =>
  page.getByRole('table', { name: table }).getByRole('row', { name })

/** In the lab. */
async function choose(page: Page, process: string, action: string) {
  await open(page, 'lab')
  await page.getByRole('button', { name: `Actions: ${process}` }).click()
  await page.getByRole('menuitem', { name: action, exact: true }).click()
}

/** With its plan, where it has one; whoever leaves the page before it is done takes it back. */
async function act(page: Page, process: string, action: string, state: string, verb?: string) {
  await choose(page, process, action)
  if (verb) await page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click()
  await expect(row(page, 'Processes', new RegExp(process))).toContainText(state)
}

test('the addresses of all brokers are where to begin, and the controller is shown though it is no broker', async ({
  page,
}) => {
  await open(page, 'overview')
  await expect(page.locator('code').filter({ hasText: system.bootstrap })).toBeVisible()
  await open(page, 'brokers')
  await expect(row(page, 'Controllers and metadata', /3000/)).toContainText('active controller')
  await expect(page.getByRole('table', { name: 'Brokers' }).getByRole('row', { name: /\bup\b/ })).toHaveCount(3)
})

test('a broker that is down stays in sight; when it is back, preferred leaders are elected', async ({ page }) => {
  await act(page, 'Broker 2', 'Kill and keep down', 'stopped', 'Kill')
  await open(page, 'brokers')
  await expect(row(page, 'Brokers', /Broker 2/)).toContainText('down')
  await expectClean(page, 'brokers, one of them down')
  await open(page, 'brokers/2')
  await expect(page.getByText('sends no client to it')).toBeVisible()
  await open(page, 'topics/orders/partitions')
  await expect(page.getByRole('row', { name: /under-replicated/ })).toHaveCount(3)

  await act(page, 'Broker 2', 'Start', 'running')
  await open(page, 'brokers')
  await expect(row(page, 'Brokers', /Broker 2/)).toContainText(/up.*\dof \d/)
  await open(page, 'topics/orders/partitions')
  await expect(page.getByRole('row', { name: /in sync/ })).toHaveCount(3)
  await page.getByRole('button', { name: 'Change the topic' }).click()
  await page.getByRole('menuitem', { name: 'Elect preferred leaders' }).click()
  const plan = dialog(page, 'Elect preferred leaders of orders')
  await expect(plan.getByRole('row', { name: /leader orders-\d.*[13].*2/ })).toHaveCount(1)
  await plan.getByRole('button', { name: 'Elect', exact: true }).click()
  await expect(page.getByText('Preferred leaders elected')).toBeVisible()
  await page.getByRole('button', { name: 'Change the topic' }).click()
  await page.getByRole('menuitem', { name: 'Elect preferred leaders' }).click()
  await expect(plan.getByText('Nothing would change.')).toBeVisible()
})

test('more replicas, and off a broker again; what cannot be is said before it is tried', async ({ page }) => {
  const replicasOf = async () => {
    await page.getByRole('button', { name: 'Change the topic' }).click()
    await page.getByRole('menuitem', { name: 'Replicas …' }).click()
  }
  const form = dialog(page, 'Replicas of single')
  await open(page, 'topics/single/partitions')
  await replicasOf()
  const factor = form.getByRole('textbox', { name: 'Replication factor' })
  await factor.fill('4')
  await expect(factor).toHaveAccessibleDescription(/No more than the brokers chosen: 3\./)
  await expect(form.getByRole('button', { name: 'Plan' })).toBeDisabled()
  await factor.fill('3')
  await form.getByRole('button', { name: 'Plan' }).click()
  await expect(form.getByRole('row', { name: /replicas single-/ })).toHaveCount(2)
  await form.getByRole('button', { name: 'Move', exact: true }).click()
  await expect(page.getByText('3 replicas', { exact: true })).toBeVisible()
  await expect(page.getByRole('row', { name: /in sync/ })).toHaveCount(2)
  await expect(page.getByText('are being moved.')).toHaveCount(0)

  await replicasOf()
  await form.getByRole('textbox', { name: 'Replication factor' }).fill('1')
  await form.getByRole('checkbox', { name: /Broker 1/ }).uncheck()
  await form.getByRole('button', { name: 'Plan' }).click()
  await expect(form.getByText('One replica: the topic is unavailable, or lost, with its broker.')).toBeVisible()
  await expect(form.getByText(/min\.insync\.replicas is 2, more than there will be replicas/)).toBeVisible()
  await form.getByRole('button', { name: 'Move', exact: true }).click()
  await expect(page.getByText('1 replica', { exact: true })).toBeVisible()
  await open(page, 'audit?resource=single')
  await expect(page.getByRole('table', { name: 'Audit log' }).getByRole('row', { name: /replicas moved/ })).toHaveCount(
    2,
  )
})

test('a config is changed for one broker and for all, and taken away; one that is read at the start is not offered', async ({
  page,
}) => {
  const name = 'log.cleaner.backoff.ms'
  const change = dialog(page, `Change ${name}`)
  await open(page, `brokers/1?config=${name}`)
  const sheet = page.getByRole('dialog', { name, exact: true })
  await sheet.getByRole('textbox', { name }).fill('20 s')
  await sheet.getByRole('button', { name: 'Plan' }).click()
  await change.getByRole('button', { name: 'Apply' }).click()
  await expect(sheet).toContainText('broker, dynamic')
  await sheet.getByRole('button', { name: 'all brokers' }).click()
  await sheet.getByRole('textbox', { name }).fill('-1')
  await sheet.getByRole('button', { name: 'Plan' }).click()
  await expect(change.getByRole('alert'), 'the broker has checked it').toContainText(name)
  await change.getByRole('button', { name: 'Cancel' }).click()
  await sheet.getByRole('textbox', { name }).fill('30 s')
  await sheet.getByRole('button', { name: 'Plan' }).click()
  await expect(change.getByText('Broker 1 has a value of its own')).toBeVisible()
  await change.getByRole('button', { name: 'Apply' }).click()
  await sheet.getByRole('button', { name: 'this broker' }).click()
  await sheet.getByRole('button', { name: 'Remove the value' }).click()
  await change.getByRole('button', { name: 'Apply' }).click()
  await expect(sheet).toContainText('all brokers, dynamic')
  await expect(sheet).not.toContainText('broker, dynamicall')
  await open(page, 'brokers/1?config=node.id')
  await expect(dialog(page, 'node.id')).toContainText('after a restart')
  await expect(dialog(page, 'node.id').getByRole('button', { name: 'Plan' })).toHaveCount(0)
})

test('a broker that hangs holds up no page', async ({ page }) => {
  await act(page, 'Broker 1', 'Pause', 'paused', 'Pause')
  await open(page, 'overview')
  await expect(figure(page, 'Brokers')).toContainText('1 offline')
  await expect(page.getByText('The cluster does not answer.')).toHaveCount(0)
  await act(page, 'Broker 1', 'Resume', 'running')
  await open(page, 'overview')
  await expect(figure(page, 'Brokers')).toContainText('all up')
})

test('a broker that is cut off is not believed: what the others say stands on the pages', async ({ page }) => {
  const cut = async (how: string) => {
    await choose(page, 'Broker 1', 'Faults …')
    const faults = dialog(page, 'Faults of Broker 1')
    await faults.getByLabel('Cut off from the other nodes').selectOption(how)
    await faults.getByRole('button', { name: 'Look at the plan' }).click()
    await faults.getByRole('button', { name: 'Set', exact: true }).click()
    await expect(faults).toHaveCount(0)
    await open(page, 'brokers')
  }
  await cut('silent')
  await expect(row(page, 'Brokers', /Broker 1/)).toContainText('down', { timeout: 30_000 })
  await expect(row(page, 'Brokers', /Broker 2/)).toContainText('up')
  await cut('no')
  await expect(row(page, 'Brokers', /Broker 1/)).toContainText('up')
})

test('without a controller the pages are there; what needs one says so', async ({ page }) => {
  await act(page, 'Controller', 'Pause', 'paused', 'Pause')
  await open(page, 'brokers')
  await expect(page.getByRole('table', { name: 'Brokers' }).getByRole('row', { name: /\bup\b/ })).toHaveCount(3)
  await expect(page.getByText('No controller answers', { exact: false }).first()).toBeVisible({ timeout: 30_000 })
  await act(page, 'Controller', 'Resume', 'running')
  await open(page, 'brokers')
  await expect(row(page, 'Controllers and metadata', /3000/)).toContainText('active controller')
})
