/** What someone may have meant who mistyped a name. */

/** The name with the fewest letters to change, if they are few. */
export function nearest(typed: string, names: Iterable<string>): string | undefined {
  const most = Math.max(2, Math.floor(typed.length / 4))
  let best: string | undefined
  let fewest = most + 1
  for (const name of names) {
    const changes = distance(typed.toLowerCase(), name.toLowerCase(), fewest)
    if (changes < fewest) [best, fewest] = [name, changes]
  }
  return best
}

/** Letters to insert, remove or replace (Levenshtein); `enough` or more is all the same. */
function distance(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough) return enough
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
