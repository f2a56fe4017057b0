/**
 * The console in a real Chromium, on a freshly started system that all tests share. `CONSOLE_ON=kafka` runs the same on an Apache
 * Kafka through KAFKA_BROKERS (needs Java and Maven), less what only a broker of Weir's own can show.
 */
import { defineConfig } from '@playwright/test'
import { chromiumArgs, findChromium } from '../lib/chromium.ts'
import { systemName } from './system.ts'

// Found once: the workers load this file as well.
process.env.CHROMIUM = await findChromium()

export default defineConfig({
  testDir: '.',
  testIgnore: systemName() === 'kafka' ? ['broker_gone.spec.ts', 'lab.spec.ts', 'three_brokers.spec.ts'] : [],
  outputDir: 'test-results',
  globalSetup: './setup.ts',
  // Two cores carry the broker, the console and the browser.
  workers: 1,
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
