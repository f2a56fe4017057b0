/** The broker is killed while a page is open: the page says so once, keeps what it shows, and mends itself. On a Weir of its own. */
import { listenerOn, processTree } from '../lib/processes.ts'
import { at, clientOf, dialog, expect, producerOf, sendOn, test } from './fixtures.ts'
import { type Running, startSystem } from './system.ts'

let system: Running

test.beforeAll(async () => {
  system = await startSystem('weir')
})
test.afterAll(() => system.stop())

test('a broker that dies is said once, and all is well again when it is back', async ({ page }) => {
  const kafka = clientOf(system.bootstrap)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'steady' }] })
  await admin.disconnect()

  // One page with live messages, one with the list of topics.
  const url = (path: string) => `${system.url}${at(path)}`
  await page.goto(url('topics/steady/messages?from=live'))
  await expect(page.getByText('Waiting for messages')).toBeVisible()
  const list = await page.context().newPage()
  await list.goto(url('topics'))
  await expect(list.getByRole('link', { name: 'steady' })).toBeVisible()
  const overview = await page.context().newPage()
  await overview.goto(url('overview'))
  const form = await page.context().newPage()
  await form.goto(url('topics/steady/configuration?produce=1'))
  const produce = dialog(form, 'Produce to steady').getByRole('button', { name: 'Produce', exact: true })
  await expect(produce).toBeEnabled()

  const producer = producerOf(kafka)
  await producer.connect()
  const sending = sendOn(producer, 'steady', (n) => ({ value: `number ${n}` }))
  const rows = page.getByRole('table', { name: 'Messages' }).getByRole('row')
  await expect(rows.filter({ hasText: 'number 5' }).first()).toBeVisible()

  // Stopped, it cannot be started again until we look; then killed.
  const port = Number(system.bootstrap.split(':').at(-1))
  const pid = listenerOn(port, processTree(system.weir.all()[0]!))!
  process.kill(pid, 'SIGSTOP')
  const pages = [page, list, overview, form]
  for (const one of pages) await expect(one.getByText('The cluster does not answer.'), 'once').toHaveCount(1)
  await expect(list.getByRole('link', { name: 'steady' }), 'what was there stays').toBeVisible()
  await expect(rows.filter({ hasText: 'number 5' }).first()).toBeVisible()
  await produce.click()
  await expect(form.getByRole('alert').filter({ hasText: 'Not produced' })).toBeVisible()
  process.kill(pid, 'SIGKILL')

  for (const one of pages) await expect(one.getByText('The cluster does not answer.')).toHaveCount(0)
  const back = listenerOn(port, processTree(system.weir.all()[0]!))
  expect(back).not.toBe(pid)
  await produce.click()
  await expect(form.getByText('Produced: partition 0')).toBeVisible()
  const sent = await sending.stop()
  await producer.send({ topic: 'steady', messages: [{ value: 'the last one' }] })
  await expect(rows.filter({ hasText: 'the last one' })).toBeVisible()
  expect(sent).toBeGreaterThan(5)
  await producer.disconnect()
})
