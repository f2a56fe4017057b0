/**
 * What every test of the console has: a page that must not throw or log an error, and a real client of the cluster (kafkajs).
 * Words are the English ones, but for tests that switch the language.
 */
import { test as base, expect, type Page } from '@playwright/test'
import { type Admin, Kafka, logLevel, type Message, Partitioners, type Producer } from 'kafkajs'

export { expect }

/** What Chromium logs by itself about an answer that is no success: the page says it in its own words. */
const failedRequest = /Failed to load resource/

const home = '/clusters/default'

/** A page's address: `at('topics')`, `at('topics/orders/messages?from=live')`. */
export const at = (path: string): string => `${home}/${path}`

/** Client of the cluster at `bootstrap`. */
export const clientOf = (bootstrap: string): Kafka =>
  new Kafka({ brokers: [bootstrap], clientId: 'shop', logLevel: logLevel.NOTHING, retry: { retries: 8 } })

export const producerOf = (kafka: Kafka): Producer =>
  kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })

interface Client {
  kafka: Kafka
  admin: Admin
  producer: Producer
}

interface Fixtures {
  /** What the page has thrown or logged as an error; empty it where that is expected. */
  faults: string[]
  /** Sends one message after another until it is stopped, at the latest when the test ends. */
  keepSending(topic: string, message: (n: number) => Message): Sending
}

export const test = base.extend<Fixtures, { client: Client }>({
  client: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
    async ({}, use) => {
      const kafka = clientOf(process.env.CONSOLE_BOOTSTRAP!)
      const admin = kafka.admin()
      const producer = producerOf(kafka)
      await Promise.all([admin.connect(), producer.connect()])
      await use({ kafka, admin, producer })
      await Promise.all([admin.disconnect(), producer.disconnect()])
    },
    { scope: 'worker' },
  ],
  keepSending: async ({ client }, use) => {
    const all: Sending[] = []
    await use((topic, message) => {
      const one = sendOn(client.producer, topic, message)
      all.push(one)
      return one
    })
    await Promise.all(all.map((one) => one.stop()))
  },
  faults: [
    async ({ page }, use) => {
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(String(error.stack ?? error)))
      page.on('console', (message) => {
        if (message.type() === 'error' && !failedRequest.test(message.text())) faults.push(message.text())
      })
      await use(faults)
      expect(faults, 'errors that the page threw or logged').toEqual([])
    },
    { auto: true },
  ],
})

/** Sends one message after another until stopped; `stop` gives the number of those acknowledged. */
export function sendOn(producer: Producer, topic: string, message: (n: number) => Message): Sending {
  let going = true
  let sent = 0
  const done = (async () => {
    while (going) {
      await producer.send({ topic, messages: [message(sent)] })
      sent++
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return {
    async stop() {
      going = false
      await done
      return sent
    },
  }
}

interface Sending {
  stop(): Promise<number>
}

/** A consumer of the group, from the beginning where nothing is committed; `read` fills as messages come. */
export async function consume(
  kafka: Kafka,
  groupId: string,
  topic: string,
): Promise<{ read: ReadMessage[]; stop(): Promise<void> }> {
  const read: ReadMessage[] = []
  // A short wait, so that it stops soon when asked to.
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      read.push({
        partition,
        offset: Number(message.offset),
        key: message.key?.toString() ?? null,
        value: message.value?.toString() ?? null,
      })
    },
  })
  return { read, stop: () => consumer.disconnect() }
}

export interface ReadMessage {
  partition: number
  offset: number
  key: string | null
  value: string | null
}

/** The dialog or sheet that is open, by its title. */
export const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name })

/** A figure of a page's strip, by its word. */
export const figure = (page: Page, label: string) =>
  page
    .getByRole('term')
    .filter({ hasText: new RegExp(`^${label}$`) })
    .locator('xpath=following-sibling::dd')
