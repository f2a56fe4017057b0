/** Lines for the log: time, level, who, one sentence. Where they go is the composition's to say. */
export interface Logger {
  info(sentence: string): void
  warn(sentence: string): void
  error(sentence: string): void
}

const LEVELS = ['error', 'warn', 'info'] as const
export type LogLevel = (typeof LEVELS)[number]

/** Writes what is at least as important as `level`. */
export function logger(o: {
  who: string
  level: LogLevel
  nowMs: () => number
  write: (line: string) => void
}): Logger {
  const at = (level: LogLevel) => (sentence: string) => {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(o.level)) return
    o.write(`${new Date(o.nowMs()).toISOString()} ${level.toUpperCase()} ${o.who}: ${sentence}`)
  }
  return { info: at('info'), warn: at('warn'), error: at('error') }
}
