/** One turn of the real event loop: every promise that can settle without an event has settled after it. */
export const realTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
