/**
 * Judges the history of a load under faults (load/main.go says what its lines mean): every acknowledged record is there once and
 * in order, what a consumer saw stays, no committed offset goes back, a compacted topic has of each key what was written last. Knows
 * nothing of how the broker works or what was done to it.
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

/** Of a group. */
export interface ReadAt extends RecordAt {
  group: number
}
export interface CommittedAt extends OffsetAt {
  group: number
}

/** A value in the compacted topic: of one key the later one has the higher sequence. */
export interface ValueAt {
  key: number
  sequence: number
  offset: number
}

export interface History {
  /** Producers that may write a record more than once: what they repeat after a failure the broker cannot recognize. */
  loose: Set<number>
  acks: RecordAt[]
  /** Records that a producer gave up, with its error. */
  failures: string[]
  reads: ReadAt[]
  /** Every record of the log, read at the end. */
  final: RecordAt[]
  /** What was known to be committed in a group when the question was asked (ms since the epoch), and a broker's answer. */
  observations: { group: number; broker: number; askedMs: number; known: OffsetAt[]; answer: OffsetAt[] }[]
  /** Of a cluster's nodes: from when to when each did nothing, or reached nobody, ms since the epoch. */
  silences: { node: number; fromMs: number; toMs: number }[]
  /** Acknowledged commits. */
  commits: CommittedAt[]
  /** Acknowledged values of keys, and those that are there in the end. */
  puts: ValueAt[]
  kept: ValueAt[]
}

export function parseHistory(text: string): History {
  const history: History = {
    loose: new Set(),
    acks: [],
    failures: [],
    reads: [],
    final: [],
    observations: [],
    silences: [],
    commits: [],
    puts: [],
    kept: [],
  }
  const committed = new Map<number, Map<number, number>>()
  const of = (group: number) => committed.get(group) ?? committed.set(group, new Map()).get(group)!
  const known = (group: number) => [...of(group)].map(([partition, offset]) => ({ partition, offset }))
  /** By question: what was known of each group. */
  const asked = new Map<number, { askedMs: number; known: Map<number, OffsetAt[]> }>()
  const answers = new Map<string, History['observations'][number]>()
  for (const line of text.split('\n')) {
    const [event, ...words] = line.split(' ')
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = words.map(Number)
    switch (event) {
      case 'loose':
        history.loose.add(a)
        break
      case 'ack':
        history.acks.push({ producer: a, sequence: b, partition: c, offset: d })
        break
      case 'fail':
        history.failures.push(words.join(' '))
        break
      case 'put':
        history.puts.push({ key: a, sequence: b, offset: c })
        break
      case 'read':
        history.reads.push({ group: a, partition: b, offset: c, producer: d, sequence: e })
        break
      case 'final':
        history.final.push({ partition: a, offset: b, producer: c, sequence: d })
        break
      case 'kept':
        history.kept.push({ offset: a, key: b, sequence: c })
        break
      case 'commit':
        history.commits.push({ group: a, partition: b, offset: c })
        of(a).set(b, Math.max(c, of(a).get(b) ?? 0))
        break
      case 'ask':
        asked.set(a, { askedMs: b, known: new Map([...committed.keys()].map((group) => [group, known(group)])) })
        break
      case 'silent':
        history.silences.push({ node: a, fromMs: b, toMs: Number.POSITIVE_INFINITY })
        break
      case 'back':
        for (const one of history.silences) if (one.node === a) one.toMs = Math.min(one.toMs, b)
        break
      case 'answer': {
        const { askedMs = 0, known } = asked.get(a) ?? {}
        const observation = { group: b, broker: c, askedMs, known: known?.get(b) ?? [], answer: [] }
        answers.set(`${a} ${b}`, observation)
        history.observations.push(observation)
        break
      }
      case 'committed':
        answers.get(`${a} ${b}`)!.answer.push({ partition: c, offset: d })
        break
    }
  }
  return history
}

/** What is wrong with the history, a sentence a finding; none if all is well. */
export function judge(history: History): string[] {
  return [
    ...history.failures.map((failure) => `a producer gave up: ${failure}`),
    ...judgeLog(history),
    ...judgeReads(history),
    ...judgeCommits(history),
    ...judgeKeys(history),
  ]
}

const place = ({ partition, offset }: OffsetAt) => `partition ${partition} offset ${offset}`
const name = ({ producer, sequence }: { producer: number; sequence: number }) =>
  `record ${sequence} of producer ${producer}`

/** Of each producer every record once, in order, and every acknowledged one where it was said to be. */
function judgeLog({ final, acks, loose }: History): string[] {
  const findings: string[] = []
  const places = new Map<string, string[]>()
  const lastOf = new Map<number, number>()
  for (const record of [...final].sort((a, b) => a.partition - b.partition || a.offset - b.offset)) {
    const before = places.get(name(record))
    if (before) {
      before.push(place(record))
      if (!loose.has(record.producer))
        findings.push(`doubled: ${name(record)} is at ${before[0]} and at ${place(record)}`)
      continue
    }
    places.set(name(record), [place(record)])
    const expected = (lastOf.get(record.producer) ?? -1) + 1
    if (record.sequence !== expected) {
      findings.push(`out of order: ${name(record)} at ${place(record)} where record ${expected} was to come`)
    }
    lastOf.set(record.producer, record.sequence)
  }
  for (const ack of acks) {
    const found = places.get(name(ack))
    if (!found) findings.push(`lost: ${name(ack)}, acknowledged at ${place(ack)}`)
    else if (!found.includes(place(ack)))
      findings.push(`moved: ${name(ack)}, acknowledged at ${place(ack)}, is at ${found.join(' and ')}`)
  }
  return findings
}

/** What a consumer got stays, and each group has got everything. */
function judgeReads({ final, reads }: History): string[] {
  const findings: string[] = []
  const at = new Map(final.map((record) => [place(record), record]))
  const seen = new Map<number, Set<string>>()
  for (const read of reads) {
    const ofGroup = seen.get(read.group) ?? seen.set(read.group, new Set()).get(read.group)!
    ofGroup.add(place(read))
    const now = at.get(place(read))
    if (!now) findings.push(`taken back: a consumer got ${name(read)} at ${place(read)}, where there is nothing now`)
    else if (name(now) !== name(read)) {
      findings.push(`changed: a consumer got ${name(read)} at ${place(read)}, where ${name(now)} is now`)
    }
  }
  for (const [group, places] of seen) {
    for (const record of final) {
      if (!places.has(place(record)))
        findings.push(`skipped: group ${group} never got ${name(record)} at ${place(record)}`)
    }
  }
  return findings
}

/** How long after its silence a broker may not know yet what happened meanwhile; and an answer is waited for. */
const notYetKnownMs = 1_000
const answerMs = 2_000

type Observation = History['observations'][number]

/** What was known to be committed and is more than what was answered. */
const missingIn = ({ known, answer }: Observation) =>
  known.flatMap((commit) => {
    const now = answer.find((one) => one.partition === commit.partition)?.offset ?? -1
    return now < commit.offset ? [{ ...commit, now }] : []
  })

const wasAway = ({ silences }: History, { broker, askedMs }: Observation): boolean =>
  silences.some((one) => one.node === broker && one.fromMs <= askedMs + answerMs && askedMs <= one.toMs + notYetKnownMs)

/**
 * Answers that went back, of a broker that was paused or cut off and had not heard yet that it coordinates the group no more. It
 * can change nothing any longer, but what it remembers it says; as in Kafka, whose coordinators have no leases.
 */
export const outdated = (history: History): Observation[] =>
  history.observations.filter((one) => wasAway(history, one) && missingIn(one).length > 0)

function judgeCommits(history: History): string[] {
  return history.observations
    .filter((one) => !wasAway(history, one))
    .flatMap((one) =>
      missingIn(one).map(
        ({ partition, offset, now }) =>
          `gone back: offset ${offset} of partition ${partition} was committed by group ${one.group}, and then ${now} was answered`,
      ),
    )
}

/** Compaction may take what a later value of the key has replaced, and nothing else. */
function judgeKeys({ puts, kept }: History): string[] {
  const findings: string[] = []
  const value = ({ key, sequence }: ValueAt) => `value ${sequence} of key ${key}`
  const latest = new Map<number, ValueAt>()
  const at = new Map<number, ValueAt>()
  for (const one of [...kept].sort((a, b) => a.offset - b.offset)) {
    const before = latest.get(one.key)
    if (before && before.sequence >= one.sequence)
      findings.push(`keys out of order: ${value(one)} at offset ${one.offset} after value ${before.sequence}`)
    latest.set(one.key, one)
    at.set(one.offset, one)
  }
  for (const put of puts) {
    const now = latest.get(put.key)
    const there = at.get(put.offset)
    if (!now || now.sequence < put.sequence)
      findings.push(
        `key lost: ${value(put)} was acknowledged, and the last that is there is ${now?.sequence ?? 'none'}`,
      )
    else if (there ? value(there) !== value(put) : now.sequence === put.sequence)
      findings.push(`key moved: ${value(put)}, acknowledged at offset ${put.offset}, is not there`)
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
    const end = endOf(history.final)
    return { ...history, loose: new Set(), final: [...history.final, { ...again, offset: end }] }
  },
  'out of order': (history) => {
    const { producer } = history.final.find((one) => !history.loose.has(one.producer))!
    const [first, second] = history.final.filter((one) => one.producer === producer) as [RecordAt, RecordAt]
    const swapped = history.final.map((one) => {
      if (one === first) return { ...one, sequence: second.sequence }
      return one === second ? { ...one, sequence: first.sequence } : one
    })
    return { ...history, final: swapped }
  },
  'taken back': (history) => {
    const { partition } = history.reads[0]!
    const offset = endOf(history.final)
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
  'key lost': (history) => {
    const last = history.puts.at(-1)!
    return { ...history, kept: history.kept.filter((one) => one.key !== last.key || one.sequence < last.sequence) }
  },
  'keys out of order': (history) => {
    const last = history.kept.at(-1)!
    return { ...history, kept: [...history.kept, { ...last, offset: last.offset + 1, sequence: last.sequence - 1 }] }
  },
  'gave up': (history) => ({ ...history, failures: ['0 1 OUT_OF_ORDER_SEQUENCE_NUMBER'] }),
}

/** After every record. */
const endOf = (records: readonly OffsetAt[]): number =>
  records.reduce((end, { offset }) => Math.max(end, offset + 1), 0)

function sameRecord(a: RecordAt, b: RecordAt): boolean {
  return a.producer === b.producer && a.sequence === b.sequence
}
