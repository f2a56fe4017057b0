/**
 * Judges the history of a load under faults (load/main.go says what its lines mean): every acknowledged record is there once and
 * in order, what a consumer saw stays, no committed offset goes back. Knows nothing of how the broker works or what was done to it.
 */
export interface RecordAt {
  partition: number
  offset: number
  producer: number
  sequence: number
}

export interface OffsetAt {
  partition: number
  offset: number
}

export interface History {
  acks: RecordAt[]
  /** Records that a producer gave up, with its error. */
  failures: string[]
  reads: RecordAt[]
  /** Every record of the log, read at the end. */
  final: RecordAt[]
  /** What was known to be committed when the question was asked, and the answer. */
  observations: { known: OffsetAt[]; answer: OffsetAt[] }[]
  /** Acknowledged commits. */
  commits: OffsetAt[]
}

export function parseHistory(text: string): History {
  const history: History = { acks: [], failures: [], reads: [], final: [], observations: [], commits: [] }
  const committed = new Map<number, number>()
  const asked = new Map<number, History['observations'][number]>()
  for (const line of text.split('\n')) {
    const [event, ...words] = line.split(' ')
    const [a = 0, b = 0, c = 0, d = 0] = words.map(Number)
    switch (event) {
      case 'ack':
        history.acks.push({ producer: a, sequence: b, partition: c, offset: d })
        break
      case 'fail':
        history.failures.push(words.join(' '))
        break
      case 'read':
        history.reads.push({ partition: a, offset: b, producer: c, sequence: d })
        break
      case 'final':
        history.final.push({ partition: a, offset: b, producer: c, sequence: d })
        break
      case 'commit':
        history.commits.push({ partition: a, offset: b })
        committed.set(a, Math.max(b, committed.get(a) ?? 0))
        break
      case 'ask':
        asked.set(a, { known: [...committed].map(([partition, offset]) => ({ partition, offset })), answer: [] })
        break
      case 'answer':
        history.observations.push(asked.get(a)!)
        break
      case 'committed':
        asked.get(a)!.answer.push({ partition: b, offset: c })
        break
    }
  }
  return history
}

/** What is wrong with the history, a sentence a finding; none if all is well. */
export function judge(history: History): string[] {
  const findings: string[] = []
  const place = ({ partition, offset }: OffsetAt) => `partition ${partition} offset ${offset}`
  const name = ({ producer, sequence }: RecordAt) => `record ${sequence} of producer ${producer}`

  for (const failure of history.failures) findings.push(`a producer gave up: ${failure}`)

  const at = new Map<string, RecordAt>()
  const kept = new Map<string, RecordAt>()
  const lastOf = new Map<number, RecordAt>()
  for (const record of [...history.final].sort((a, b) => a.partition - b.partition || a.offset - b.offset)) {
    at.set(place(record), record)
    const first = kept.get(name(record))
    if (first) {
      findings.push(`doubled: ${name(record)} is at ${place(first)} and at ${place(record)}`)
      continue
    }
    kept.set(name(record), record)
    const expected = (lastOf.get(record.producer)?.sequence ?? -1) + 1
    if (record.sequence !== expected) {
      findings.push(`out of order: ${name(record)} at ${place(record)} where record ${expected} was to come`)
    }
    lastOf.set(record.producer, record)
  }

  for (const ack of history.acks) {
    const found = kept.get(name(ack))
    if (!found) findings.push(`lost: ${name(ack)}, acknowledged at ${place(ack)}`)
    else if (place(found) !== place(ack))
      findings.push(`moved: ${name(ack)}, acknowledged at ${place(ack)}, is at ${place(found)}`)
  }

  const seen = new Set<string>()
  for (const read of history.reads) {
    seen.add(place(read))
    const now = at.get(place(read))
    if (!now) findings.push(`taken back: a consumer got ${name(read)} at ${place(read)}, where there is nothing now`)
    else if (name(now) !== name(read)) {
      findings.push(`changed: a consumer got ${name(read)} at ${place(read)}, where ${name(now)} is now`)
    }
  }
  for (const record of history.final) {
    if (!seen.has(place(record))) findings.push(`skipped: the group never got ${name(record)} at ${place(record)}`)
  }

  for (const { known, answer } of history.observations) {
    for (const commit of known) {
      const now = answer.find((one) => one.partition === commit.partition)?.offset ?? -1
      if (now < commit.offset) {
        findings.push(
          `gone back: offset ${commit.offset} of partition ${commit.partition} was committed, and then ${now} was answered`,
        )
      }
    }
  }
  return findings
}

/** Histories of a broker that breaks its word, made from a good one, with the word that the judge must find. */
export const tampering: Record<string, (history: History) => History> = {
  lost: (history) => {
    const last = history.acks.at(-1)!
    return { ...history, final: history.final.filter((one) => !sameRecord(one, last)) }
  },
  doubled: (history) => {
    const again = history.final[Math.floor(history.final.length / 2)]!
    const end =
      Math.max(...history.final.filter((one) => one.partition === again.partition).map((one) => one.offset)) + 1
    return { ...history, final: [...history.final, { ...again, offset: end }] }
  },
  'out of order': (history) => {
    const { producer } = history.final[0]!
    const [first, second] = history.final.filter((one) => one.producer === producer) as [RecordAt, RecordAt]
    const swapped = history.final.map((one) => {
      if (one === first) return { ...one, sequence: second.sequence }
      return one === second ? { ...one, sequence: first.sequence } : one
    })
    return { ...history, final: swapped }
  },
  'taken back': (history) => {
    const { partition } = history.reads[0]!
    const offset = Math.max(...history.final.map((one) => one.offset)) + 1
    return { ...history, reads: [...history.reads, { ...history.reads[0]!, partition, offset }] }
  },
  skipped: (history) => {
    const { partition, offset } = history.final.at(-1)!
    return { ...history, reads: history.reads.filter((one) => one.partition !== partition || one.offset !== offset) }
  },
  'gone back': (history) => {
    const observations = [...history.observations]
    const last = observations.pop()!
    const answer = last.answer.map((one) => ({ ...one, offset: one.offset - 1 }))
    return { ...history, observations: [...observations, { ...last, answer }] }
  },
  'gave up': (history) => ({ ...history, failures: ['0 1 OUT_OF_ORDER_SEQUENCE_NUMBER'] }),
}

function sameRecord(a: RecordAt, b: RecordAt): boolean {
  return a.producer === b.producer && a.sequence === b.sequence
}
