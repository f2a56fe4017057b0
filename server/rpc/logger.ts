/** Lines for the log: time, level, who, one sentence. Where they go is the composition's to say. */
export interface Logger {
  info(sentence: string): void
  warn(sentence: string): void
  error(sentence: string): void
}

/** What is at least as important as `level` is written; it may be changed at any time. */
export interface LeveledLogger extends Logger {
  level: LogLevel
}

const LEVELS = ['error', 'warn', 'info'] as const
export type LogLevel = (typeof LEVELS)[number]

export function logger(o: {
  who: string
  level: LogLevel
  nowMs: () => number
  write: (line: string) => void
}): LeveledLogger {
  const at = (level: LogLevel) => (sentence: string) => {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(own.level)) return
    o.write(`${new Date(o.nowMs()).toISOString()} ${level.toUpperCase()} ${o.who}: ${sentence}`)
  }
  const own: LeveledLogger = { level: o.level, info: at('info'), warn: at('warn'), error: at('error') }
  return own
}
