/** Lines for the log: time, level, who, one sentence. Where they go is the composition's to say. */
export interface Logger {
  info(sentence: string): void
  warn(sentence: string): void
  error(sentence: string): void
}

export const logger = (who: string, nowMs: () => number, write: (line: string) => void): Logger => {
  const at = (level: string) => (sentence: string) =>
    write(`${new Date(nowMs()).toISOString()} ${level} ${who}: ${sentence}`)
  return { info: at('INFO'), warn: at('WARN'), error: at('ERROR') }
}
