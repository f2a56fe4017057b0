/**
 * The console in a real Chromium, on a freshly started system that all tests share, and beside it the tests that have systems of their own,
 * which mostly wait for brokers that are down. `CONSOLE_ON=kafka` runs those that share one on an Apache Kafka through KAFKA_BROKERS
 * (needs Java and Maven).
 */
import { defineConfig } from '@playwright/test'
import { chromiumArgs, findChromium } from '../lib/chromium.ts'
import { systemName } from './system.ts'

// Found once: the workers load this file as well.
process.env.CHROMIUM = await findChromium()

/** Brokers of Weir's are killed in them. */
const withSystemsOfTheirOwn = ['broker_gone.spec.ts', 'lab.spec.ts', 'three_brokers.spec.ts']

export default defineConfig({
  testDir: '.',
  projects: [
    { name: 'shared', testIgnore: withSystemsOfTheirOwn, workers: 1 },
    ...(systemName() === 'weir' ? [{ name: 'own', testMatch: withSystemsOfTheirOwn, workers: 1 }] : []),
  ],
  outputDir: 'test-results',
  globalSetup: './setup.ts',
  workers: 2,
  forbidOnly: process.env.CI !== undefined,
  reporter: process.env.CI ? [['list']] : [['line']],
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    baseURL: process.env.CONSOLE_URL,
    browserName: 'chromium',
    launchOptions: { executablePath: process.env.CHROMIUM, args: chromiumArgs },
    contextOptions: { reducedMotion: 'reduce' },
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    timezoneId: 'Europe/Berlin',
    actionTimeout: 15_000,
    screenshot: 'only-on-failure',
    trace: process.env.TRACE ? 'retain-on-failure' : 'off',
  },
})
