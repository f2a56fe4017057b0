/**
 * What two systems must differ in, taken out of what tools print: addresses, ids, times, paths, the widths of columns, and the
 * sentences of errors, which are each broker's own. Which error it is stays.
 */
import type { Mask } from './step.ts'

const always: readonly Mask[] = [
  [/\b(localhost|127\.0\.0\.1)[: ]+\d{4,5}\b/g, 'ADDRESS'],
  [/^\s+(at \S+\(.*|\.\.\. \d+ more)$/gm, ''],
  [/\b(client[iI]d[= ]\w+-)\d+/g, '$1N'],
  [/\b(org\.apache\.kafka\.\S+Exception): .*$/gm, '$1: …'],
  [/^(Error while executing [a-z ]+ command :) .*$/gm, '$1 …'],
  [/^(Can not (?:up|down)grade \S+ to \d+\.|Could not disable \S+\.) .*$/gm, '$1 …'],
  // of sets whose order each JVM draws
  [/(Valid states are:|the following scenarios:) .*$/gm, '$1 …'],
  [/\[+[a-z-]+\](?:, \[[a-z-]+\])+\]?/g, '[…]'],
  [/^(ERROR .* failed:) .*$/gm, '$1 …'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UUID'],
  [/(?<![\w.-])(?=[\w-]*[A-Z0-9])[A-Za-z0-9_-]{22}(?![\w.-])/g, 'ID'],
  [/\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.:,]\d{3}Z?\b/g, 'TIME'],
  [/\b1[6-9]\d{11}\b/g, 'TIME'],
]

/** Lines without trailing and repeated blanks. */
export function masked(output: string, { paths, more = [], anyOrder = false }: MaskOptions): string[] {
  let text = output
  for (const [path, name] of paths) text = text.replaceAll(path, name)
  for (const [pattern, by] of [...more, ...always]) text = text.replace(pattern, by)
  const lines = text
    .split('\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').trimEnd())
    .filter((line) => line !== '')
  return anyOrder ? lines.sort() : lines
}

export interface MaskOptions {
  /** Folders, the longer ones first, and what stands for them. */
  paths: readonly (readonly [string, string])[]
  more?: readonly Mask[]
  anyOrder?: boolean
}

/** Lines of one that the other has not, in their order: `-` of the first, `+` of the second. */
export function differences(of: readonly string[], and: readonly string[]): string[] {
  const left = [...and]
  const missing = of.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  const lines = [...missing.map((line) => `- ${line}`), ...left.map((line) => `+ ${line}`)]
  if (lines.length === 0 && of.some((line, i) => line !== and[i])) return ['the same lines in another order', ...and]
  return lines
}
