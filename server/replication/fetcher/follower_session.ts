/**
 * The follower's half of a fetch session (KIP-227): what the leader knows already is not said again. The state alone; who sends
 * requests is `leader_fetcher.ts`.
 *
 * A leader that keeps no session for us is told everything each time.
 */
import type { ErrorName } from '../../protocol/errors.ts'
import type { Followed } from './followed.ts'

const NO_SESSION = 0
const INITIAL_EPOCH = 0

export interface SessionRequest {
  readonly sessionId: number
  readonly sessionEpoch: number
  /** What has changed, or is new. */
  readonly wanted: readonly Followed[]
  /** What is to be taken out. */
  readonly forgotten: readonly { readonly topicId: string; readonly index: number }[]
}

export class FollowerSession {
  private id = NO_SESSION
  private epoch = INITIAL_EPOCH
  /** All that the leader looks at for us. */
  private readonly present = new Set<Followed>()
  /** Of which it has to be told something else, or has to be asked whether to. */
  private changed = new Set<Followed>()
  private gone: { topicId: string; index: number }[] = []

  /** How many the leader looks at. */
  get size(): number {
    return this.present.size
  }

  /** Where it has to go on may have changed, or it is new. */
  touch(f: Followed): void {
    this.changed.add(f)
  }

  /** It is to be asked for no more, or not for now. */
  leave(f: Followed): void {
    this.changed.delete(f)
    f.sent = undefined
    if (this.present.delete(f)) this.gone.push({ topicId: f.topicId, index: f.index })
  }

  /** Forgets what the leader knows: with the next request all of it is told. */
  reset(): void {
    this.id = NO_SESSION
    this.begin()
  }

  private begin(): void {
    this.epoch = INITIAL_EPOCH
    this.gone = []
    for (const f of this.present) {
      f.sent = undefined
      this.changed.add(f)
    }
    this.present.clear()
  }

  /** The next request; `mayAsk` says of each that is not in the session as it is now whether it is to be asked for. */
  request(mayAsk: (f: Followed) => boolean): SessionRequest {
    const { changed } = this
    const wanted: Followed[] = []
    this.changed = new Set()
    for (const f of changed) {
      if (!mayAsk(f)) this.leave(f)
      else if (this.isNews(f)) wanted.push(f)
    }
    for (const f of wanted) this.present.add(f)
    const gone = this.gone.splice(0)
    // One that is there again, in another epoch, takes the place of what it was.
    const again = new Set(gone.length > 0 ? wanted.map((f) => `${f.topicId} ${f.index}`) : [])
    const forgotten = gone.filter((g) => !again.has(`${g.topicId} ${g.index}`))
    return { sessionId: this.id, sessionEpoch: this.epoch, wanted, forgotten }
  }

  private isNews(f: Followed): boolean {
    const now = f.position()
    const { sent } = f
    f.sent = now
    return (
      sent === undefined ||
      sent.fetchOffset !== now.fetchOffset ||
      sent.lastFetchedEpoch !== now.lastFetchedEpoch ||
      sent.logStartOffset !== now.logStartOffset
    )
  }

  /** An answer has come. */
  answered(sessionId: number): void {
    if (sessionId === NO_SESSION) this.reset()
    else {
      this.id = sessionId
      this.epoch = this.epoch === 2 ** 31 - 1 ? 1 : this.epoch + 1
    }
  }

  /** The leader has refused the whole request. */
  refused(error: ErrorName): void {
    // It does not know the session any more: there is nothing to be closed.
    if (error === 'FETCH_SESSION_ID_NOT_FOUND') this.reset()
    // A new one in the place of the one that is there.
    else this.begin()
  }

  /** No answer has come: whether the leader has taken note of the request is not known. A new session takes the place of this one. */
  interrupted(): void {
    this.begin()
  }
}
