/** What a step is: a command line, as it would be typed behind a tool's name, and how far two systems may differ in its output. */

export interface Step {
  /**
   * TOOL ARGUMENTS, with quotes as in a shell. `{dir}` is a folder of the side's own, `{b}` the bootstrap address; where `{b}` is not
   * named, `--bootstrap-server` is put behind the tool's name.
   */
  run: string
  stdin?: string
  /** Written into `{dir}` before. */
  files?: Record<string, string>
  /** Stopped as soon as its output matches. */
  until?: string
  /** It goes on behind the next steps, under this name, once its output matches `until`. */
  background?: string
  /** Replaced before comparing, besides what always is (mask.ts). */
  mask?: readonly Mask[]
  /** The order of lines means nothing. */
  anyOrder?: boolean
  /** Compared later, by `end`; or of no interest, because it only brings about what others show. */
  silent?: boolean
  /** Again until it prints this on that side: for what the brokers do in their own time. */
  again?: string
}

/** Ends what runs in the background and compares what it printed. */
export interface End {
  end: string
  mask?: readonly Mask[]
  anyOrder?: boolean
}

export type Mask = readonly [pattern: RegExp, by: string]

/** Steps that build on one another, on topics and groups of their own. */
export interface Section {
  name: string
  steps: readonly (string | Step | End)[]
}

/** Words, with quotes as in a shell. */
export function words(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  )
}
