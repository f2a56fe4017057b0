/** What has become of a folder in other hands: where a later inventory does not say what an earlier one said. */
import type { Inventory } from './inventory.ts'

/** Kinds whose numbers may grow: a new life of the broker may be a new term of its partitions. */
const GROWING = ['leader-epoch']
/** A share group is told to be where it was until it is asked again for records. */
const isShareStart = (fact: string): boolean => fact.startsWith('share-group start')
/** What a broker writes for itself goes on. */
const isInternal = (fact: string): boolean => /^(end|stable-end|epoch-end)( of)? __/.test(fact)

const kindOf = (fact: string): string => fact.split(' ')[0]!

/** One line for each fact that is missing, different or new. What either is silent on is not compared. */
export function differences(before: Inventory, after: Inventory): string[] {
  const heard = (fact: string) => !before.silentOn.has(kindOf(fact)) && !after.silentOn.has(kindOf(fact))
  const found: string[] = []
  for (const [fact, was] of before.facts) {
    if (!heard(fact)) continue
    const is = after.facts.get(fact)
    if (is === undefined) found.push(`gone: ${fact} (${was})`)
    else if (is !== was && !mayBecome(fact, was, is)) found.push(`changed: ${fact}: ${was} became ${is}`)
  }
  for (const [fact, is] of after.facts) {
    if (heard(fact) && !before.facts.has(fact) && !isNewInternal(fact)) found.push(`new: ${fact} (${is})`)
  }
  return found
}

function mayBecome(fact: string, was: string, is: string): boolean {
  if (GROWING.includes(kindOf(fact)) || isShareStart(fact)) return Number(is) >= Number(was)
  return isInternal(fact) && Number(is.split(' ').at(-1)) >= Number(was.split(' ').at(-1))
}

const isNewInternal = (fact: string): boolean => /^(batch|epoch-end) __/.test(fact)

/** What the later one says, and of the earlier one that on which the later one is silent. */
export function carried(before: Inventory, after: Inventory): Inventory {
  const unheard = [...before.facts].filter(([fact]) => after.silentOn.has(kindOf(fact)))
  return {
    facts: new Map([...unheard, ...after.facts]),
    silentOn: new Set([...after.silentOn].filter((kind) => before.silentOn.has(kind))),
  }
}
