/** Starts the system once, and tells the workers where it is. */
import { startSystem } from './system.ts'

export default async function setup(): Promise<() => Promise<void>> {
  const { url, bootstrap, stop } = await startSystem()
  process.env.CONSOLE_URL = url
  process.env.CONSOLE_BOOTSTRAP = bootstrap
  return stop
}
