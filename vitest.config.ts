import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('.', import.meta.url)) } },
  test: {
    include: ['server/**/*.test.ts', 'app/**/*.test.ts', 'app/**/*.test.tsx', 'e2e/**/*.test.ts'],
    exclude: ['node_modules/**'],
    pool: 'threads',
    isolate: false,
    // Nobody sits before the machine meanwhile.
    maxWorkers: '100%',
    testTimeout: 20_000,
  },
})
