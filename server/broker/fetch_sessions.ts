/**
 * Fetch sessions (KIP-227): what a client wants is kept here, so that its requests name only what it changed and the answers only
 * what is new. This is the state alone: which session a request means, what is in it, who makes room. Reading is the handler's.
 *
 * A partition of which everything has been told rests: nobody looks at it until it grows, so that a fetch costs what has
 * happened, not what the session holds. What changes without growth (a leader, the start of a log) is found by looking at all of
 * them twice a second. Sessions of followers are privileged: they make room only for others of their kind.
 */
import type { Clock, Random } from '../env/env.ts'
import { errorCode, KafkaError } from '../protocol/errors.ts'
import type { Fetch } from '../protocol/messages/01_fetch.ts'
import { type Infer, ZERO_UUID } from '../protocol/schema.ts'
import type { Watcher } from '../replication/partition.ts'
import type { Watchable } from './purgatory.ts'

type Request = Infer<typeof Fetch.request>
export type FetchRequest = Pick<Request, 'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'>

/** What a session has to know of a partition. */
export interface FetchSource extends Watchable {
  readonly highWatermark: number
  readonly logStartOffset: number
  hasDataAt(offset: number): boolean
}

/** What is told of one partition, as far as a session has to know. */
export interface FetchAnswer {
  readonly wanted: FetchPartition
  /** Undefined where there is none that could be read. */
  readonly source: FetchSource | undefined
  readonly bytes: number
  readonly answer: {
    readonly errorCode: number
    readonly highWatermark: number
    readonly logStartOffset?: number
    /** Told in any case. */
    readonly divergingEpoch?: object | undefined
    readonly preferredReadReplica?: number | undefined
  }
}

/** One fetch: what has to be looked at for it, and which of the answers are sent. */
export interface FetchContext {
  /** In the order in which it is read. Ask again after having waited. */
  wanted(): readonly FetchPartition[]
  /** How many besides these are known to have nothing new. */
  readonly resting: number
  /** What to wait on where none of these has enough. */
  watched(looked: readonly { wanted: FetchPartition; source: FetchSource | undefined }[]): readonly Watchable[]
  /** Takes note of what is told. Call it once, for what `wanted` gave last. */
  conclude<A extends FetchAnswer>(answers: readonly A[]): { errorCode: number; sessionId: number; told: readonly A[] }
  /** The same for a client that is told nothing, because it has to slow down. */
  postpone(): { errorCode: number; sessionId: number }
}

const NO_SESSION = 0
const FINAL_EPOCH = -1
const INITIAL_EPOCH = 0
/** An entry that was not used for so long may make room, and none younger makes room for a larger one. Kafka's constant. */
const EVICTION_MS = 120_000
const LOOK_AT_ALL_MS = 500
/** Over all sessions. Beyond it none is opened: clients then send whole requests. */
const MAX_PARTITIONS = 500_000

/** A partition as a client wants it read, and what it has been told of it. */
export class FetchPartition implements Watcher {
  session: FetchSession | undefined
  /** Counts up whenever it is put last in its session. */
  turn = 0
  highWatermark = -1
  logStartOffset = -1
  /** What a follower tells of itself. */
  lastFetchedEpoch = -1
  followerLogStartOffset = -1
  /** A follower: is it told of another high watermark at once? */
  wantsHighWatermark = false
  private on: FetchSource | undefined

  constructor(
    /** Undefined while no topic has the id. */
    public topic: string | undefined,
    readonly topicId: string,
    readonly partition: number,
    public fetchOffset: number,
    public currentLeaderEpoch: number,
    public partitionMaxBytes: number,
  ) {}

  /** By id where there is one: then the name is that of the id at the time. */
  get key(): string {
    return `${this.partition}/${this.topicId === ZERO_UUID ? this.topic : this.topicId}`
  }

  watch(source: FetchSource): void {
    if (this.on === source) return
    this.unwatch()
    this.on = source
    source.watch(this)
  }

  unwatch(): void {
    this.on?.unwatch(this)
    this.on = undefined
  }

  grown(bytes: number): void {
    const { session } = this
    if (session === undefined) return
    session.active.add(this)
    // While nobody waits, once is enough: the next fetch looks at it.
    if (!session.tell(bytes)) this.unwatch()
  }
}

class FetchSession implements Watchable {
  readonly partitions = new Map<string, FetchPartition>()
  /** To be looked at: new, changed, grown, not told in full, or in error. */
  readonly active = new Set<FetchPartition>()
  epoch = 1
  lastUsedMs: number
  lookedAtAllMs: number
  private waiter: Watcher | undefined
  private turns = 0

  constructor(
    readonly id: number,
    readonly usesTopicIds: boolean,
    readonly createdMs: number,
    /** A follower's. */
    readonly isPrivileged: boolean,
  ) {
    this.lastUsedMs = createdMs
    this.lookedAtAllMs = createdMs
  }

  add(p: FetchPartition): void {
    p.session = this
    p.turn = ++this.turns
    this.partitions.set(p.key, p)
    this.active.add(p)
  }

  remove(key: string): void {
    const p = this.partitions.get(key)
    if (!p) return
    this.partitions.delete(key)
    this.active.delete(p)
    p.session = undefined
    p.unwatch()
  }

  putLast(p: FetchPartition): void {
    p.turn = ++this.turns
    this.partitions.delete(p.key)
    this.partitions.set(p.key, p)
  }

  /** Everything has been told of it: it is left alone until it grows. */
  rest(p: FetchPartition, source: FetchSource): void {
    this.active.delete(p)
    p.watch(source)
  }

  // --- a fetch waits for the session as for a partition; one at a time, a later one sends the earlier away ---

  watch(waiter: Watcher): void {
    this.waiter?.grown(Number.POSITIVE_INFINITY)
    this.waiter = waiter
  }
  unwatch(waiter: Watcher): void {
    if (this.waiter === waiter) this.waiter = undefined
  }
  tell(bytes: number): boolean {
    this.waiter?.grown(bytes)
    return this.waiter !== undefined
  }

  close(): void {
    for (const p of this.partitions.values()) {
      p.session = undefined
      p.unwatch()
    }
    this.active.clear()
    this.waiter?.grown(Number.POSITIVE_INFINITY)
  }
}

export class FetchSessions {
  /** The one that was not used for longest comes first. */
  private readonly sessions = new Map<number, FetchSession>()
  private partitions = 0

  constructor(
    private readonly o: {
      /** max.incremental.fetch.session.cache.slots */
      readonly slots: () => number
      readonly clock: Pick<Clock, 'monotonic'>
      readonly random: Pick<Random, 'int'>
    },
  ) {}

  get size(): number {
    return this.sessions.size
  }

  /** How many partitions all sessions hold. */
  get totalPartitions(): number {
    return this.partitions
  }

  /**
   * What a request asks for. Throws FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH or, where names and ids are
   * mixed, FETCH_SESSION_TOPIC_ID_ERROR: the client then begins anew.
   */
  open(request: FetchRequest, version: number, isPrivileged = false): FetchContext {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
      const replaced = this.sessions.get(sessionId)
      if (replaced) this.close(replaced)
      const wanted = distinctPartitions(request)
      if (sessionEpoch === FINAL_EPOCH) return new Sessionless(wanted)
      return new Full(this, wanted, { usesTopicIds: version >= FIRST_WITH_IDS, isPrivileged })
    }
    const session = this.sessions.get(sessionId)
    if (!session) throw new KafkaError('FETCH_SESSION_ID_NOT_FOUND')
    if (session.epoch !== sessionEpoch) throw new KafkaError('INVALID_FETCH_SESSION_EPOCH')
    if (session.usesTopicIds !== version >= FIRST_WITH_IDS) throw new KafkaError('FETCH_SESSION_TOPIC_ID_ERROR')
    this.change(session, request)
    if (session.partitions.size === 0) {
      this.close(session)
      return new Sessionless(distinctPartitions(request))
    }
    session.lastUsedMs = this.nowMs
    this.sessions.delete(sessionId)
    this.sessions.set(sessionId, session)
    session.epoch = nextEpoch(session.epoch)
    return new Incremental(this, session)
  }

  /** A session for what has just been told, if there is room for it or can be made; its id, or 0. */
  create(answers: readonly FetchAnswer[], { usesTopicIds, isPrivileged }: SessionKind): number {
    if (this.partitions + answers.length > MAX_PARTITIONS || !this.hasRoom(answers.length, isPrivileged)) {
      return NO_SESSION
    }
    const session = new FetchSession(this.newId(), usesTopicIds, this.nowMs, isPrivileged)
    for (const told of answers) {
      session.add(told.wanted)
      remember(told)
      settle(session, told)
    }
    this.partitions += answers.length
    this.sessions.set(session.id, session)
    return session.id
  }

  get nowMs(): number {
    return this.o.clock.monotonic()
  }

  private change(session: FetchSession, request: FetchRequest): void {
    if (request.topics.length === 0 && request.forgottenTopicsData.length === 0) return
    const before = session.partitions.size
    for (const p of distinctPartitions(request)) {
      const held = session.partitions.get(p.key)
      if (held === undefined) session.add(p)
      else {
        held.fetchOffset = p.fetchOffset
        // In another epoch it was not listening any more when it was told last: all is told again.
        if (held.currentLeaderEpoch !== p.currentLeaderEpoch) held.highWatermark = -1
        held.currentLeaderEpoch = p.currentLeaderEpoch
        held.partitionMaxBytes = p.partitionMaxBytes
        held.lastFetchedEpoch = p.lastFetchedEpoch
        held.followerLogStartOffset = p.followerLogStartOffset
        session.active.add(held)
      }
    }
    for (const { topic, topicId, partitions } of request.forgottenTopicsData) {
      for (const p of partitions) session.remove(`${p}/${topicId === ZERO_UUID ? topic : topicId}`)
    }
    this.partitions += session.partitions.size - before
    if (this.partitions <= MAX_PARTITIONS) return
    this.close(session)
    throw new KafkaError('FETCH_SESSION_ID_NOT_FOUND')
  }

  private close(session: FetchSession): void {
    this.sessions.delete(session.id)
    this.partitions -= session.partitions.size
    session.close()
  }

  /**
   * As Kafka: whoever was not used for long makes room, else the smallest that is old enough, for a larger one; any consumer for a
   * follower, and no follower for a consumer.
   */
  private hasRoom(size: number, isPrivileged: boolean): boolean {
    if (this.sessions.size < this.o.slots()) return true
    const oldest = this.sessions.values().next().value
    if (oldest === undefined) return false
    const { nowMs } = this
    if (nowMs - oldest.lastUsedMs > EVICTION_MS) {
      this.close(oldest)
      return true
    }
    let smallest: FetchSession | undefined
    for (const s of this.sessions.values()) {
      const isYoung = s.lastUsedMs - s.createdMs <= EVICTION_MS
      if (isYoung && (s.isPrivileged || !isPrivileged)) continue
      if (smallest === undefined || rank(s) < rank(smallest)) smallest = s
    }
    if (smallest === undefined || rank(smallest) >= rank({ isPrivileged, partitions: { size } })) return false
    this.close(smallest)
    return true
  }

  private newId(): number {
    for (;;) {
      const id = 1 + this.o.random.int(2 ** 31 - 1)
      if (!this.sessions.has(id)) return id
    }
  }
}

const FIRST_WITH_IDS = 13

interface SessionKind {
  readonly usesTopicIds: boolean
  readonly isPrivileged: boolean
}

const rank = (s: { isPrivileged: boolean; partitions: { size: number } }): number =>
  s.partitions.size + (s.isPrivileged ? 2 * MAX_PARTITIONS : 0)

/** Without a session: everything is told. */
class Sessionless implements FetchContext {
  readonly resting = 0

  constructor(private readonly partitions: readonly FetchPartition[]) {}

  wanted(): readonly FetchPartition[] {
    return this.partitions
  }
  watched(looked: readonly { source: FetchSource | undefined }[]): readonly Watchable[] {
    return looked.flatMap(({ source }) => source ?? [])
  }
  conclude<A extends FetchAnswer>(answers: readonly A[]) {
    return { errorCode: errorCode.NONE, sessionId: NO_SESSION, told: answers }
  }
  postpone() {
    return { errorCode: errorCode.NONE, sessionId: NO_SESSION }
  }
}

/** Everything is told, and a session begins with it. */
class Full extends Sessionless {
  constructor(
    private readonly sessions: FetchSessions,
    partitions: readonly FetchPartition[],
    private readonly kind: SessionKind,
  ) {
    super(partitions)
  }

  override conclude<A extends FetchAnswer>(answers: readonly A[]) {
    return { ...super.conclude(answers), sessionId: this.sessions.create(answers, this.kind) }
  }
}

class Incremental implements FetchContext {
  /** Of the session while this is its latest fetch. */
  private readonly epoch: number
  private hasLooked = false

  constructor(
    private readonly sessions: FetchSessions,
    private readonly session: FetchSession,
  ) {
    this.epoch = session.epoch
  }

  get resting(): number {
    return this.session.partitions.size - this.session.active.size
  }

  wanted(): readonly FetchPartition[] {
    const { session } = this
    const { nowMs } = this.sessions
    // A follower's only when it comes: by that its leader knows that it has all, of what rests as well, and not by having waited.
    const mayLookAtAll = !(session.isPrivileged && this.hasLooked)
    this.hasLooked = true
    if (mayLookAtAll && nowMs - session.lookedAtAllMs >= LOOK_AT_ALL_MS) {
      session.lookedAtAllMs = nowMs
      const all = [...session.partitions.values()]
      // What it lacks is told when it has waited: that it wait no less is its wish.
      if (session.isPrivileged) for (const p of all) session.active.add(p)
      return all
    }
    return [...session.active].sort((a, b) => a.turn - b.turn)
  }

  watched(looked: readonly { wanted: FetchPartition; source: FetchSource | undefined }[]): readonly Watchable[] {
    for (const { wanted, source } of looked) if (source && wanted.session === this.session) wanted.watch(source)
    return [this.session]
  }

  conclude<A extends FetchAnswer>(answers: readonly A[]) {
    const outcome = this.postpone()
    const told = outcome.errorCode === errorCode.NONE ? note(this.session, answers) : []
    return { ...outcome, told }
  }

  /** Another request of the session has come meanwhile: this one may have been sent twice. */
  postpone() {
    const late = this.session.epoch !== this.epoch
    return {
      errorCode: late ? errorCode.INVALID_FETCH_SESSION_EPOCH : errorCode.NONE,
      sessionId: this.session.id,
    }
  }
}

/** The answers that say something new, and what comes of them. */
const note = <A extends FetchAnswer>(session: FetchSession, answers: readonly A[]): A[] =>
  answers.filter((told) => {
    const isNew = remember(told)
    if (told.wanted.session === session) {
      // What was served comes last in the next fetch, so that no partition starves the others.
      if (told.bytes > 0) session.putLast(told.wanted)
      settle(session, told)
    }
    return isNew
  })

/** Keeps what is told. Is it new: records, an error, another end or start of the log? */
function remember({ wanted, bytes, answer }: FetchAnswer): boolean {
  const failed = answer.errorCode !== errorCode.NONE
  const logStartOffset = answer.logStartOffset ?? -1
  const isNew =
    failed ||
    isSpecial(answer) ||
    bytes > 0 ||
    wanted.highWatermark !== answer.highWatermark ||
    wanted.logStartOffset !== logStartOffset
  // After an error, or where a follower cuts its log instead of listening, all is told again.
  wanted.highWatermark = failed || answer.divergingEpoch !== undefined ? -1 : answer.highWatermark
  wanted.logStartOffset = logStartOffset
  return isNew
}

/** It says something else than what there is to read. */
const isSpecial = (answer: FetchAnswer['answer']): boolean =>
  answer.divergingEpoch !== undefined || (answer.preferredReadReplica ?? -1) >= 0

/** May it rest, or has the next fetch to look at it? */
function settle(session: FetchSession, { wanted, source, answer }: FetchAnswer): void {
  const quiet =
    answer.errorCode === errorCode.NONE &&
    !isSpecial(answer) &&
    source !== undefined &&
    !source.hasDataAt(wanted.fetchOffset) &&
    source.highWatermark === wanted.highWatermark &&
    source.logStartOffset === wanted.logStartOffset
  if (quiet) session.rest(wanted, source)
  else session.active.add(wanted)
}

/** Each once, however often it is named: at its first place, with what was said last. */
function distinctPartitions({ topics }: FetchRequest): FetchPartition[] {
  const byKey = new Map<string, FetchPartition>()
  for (const { topic, topicId, partitions } of topics) {
    for (const p of partitions) {
      const wanted = new FetchPartition(
        topicId === ZERO_UUID ? topic : undefined,
        topicId,
        p.partition,
        p.fetchOffset,
        p.currentLeaderEpoch,
        p.partitionMaxBytes,
      )
      wanted.lastFetchedEpoch = p.lastFetchedEpoch
      wanted.followerLogStartOffset = p.logStartOffset
      byKey.set(wanted.key, wanted)
    }
  }
  return [...byKey.values()]
}

const nextEpoch = (epoch: number): number => (epoch === 2 ** 31 - 1 ? 1 : epoch + 1)
