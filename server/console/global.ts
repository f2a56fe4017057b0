/**
 * Where the console's one service object is found. Next compiles its own copies of the modules it is given, so what the
 * pages' handlers and the process share goes through here, and only functions on web standards (Request, Response) pass:
 * `instanceof` does not hold across the copies.
 */
import type { ConsoleService } from './service.ts'

const KEY = Symbol.for('weir.console')
type Shared = { [KEY]?: ConsoleService }

export const setConsole = (service: ConsoleService | undefined): void => {
  ;(globalThis as Shared)[KEY] = service
}

/** Undefined where Next runs without the console's process around it, as in a build. */
export const getConsole = (): ConsoleService | undefined => (globalThis as Shared)[KEY]
