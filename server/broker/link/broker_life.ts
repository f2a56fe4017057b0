/** Lives a broker's life (`lifecycle.ts`) with the controller, wherever that is: sends what is due when it is due. */
import { BrokerRegistrationHandler } from '../../controller/apis/62_broker_registration.ts'
import { BrokerHeartbeatHandler } from '../../controller/apis/63_broker_heartbeat.ts'
import type { Clock } from '../../env/env.ts'
import { supportedFeatures } from '../../metadata/features.ts'
import type { MetadataRecord } from '../../metadata/record_codec.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { LeveledLogger } from '../../rpc/logger.ts'
import { StartError } from '../../rpc/start_error.ts'
import type { ControllerLink } from '../controller_link.ts'
import { Lifecycle, type LifecycleSettings } from './lifecycle.ts'
import { isOnlyLeader } from './only_leader.ts'

export interface LifeOptions {
  readonly controller: ControllerLink
  readonly clock: Clock
  readonly log: LeveledLogger
  readonly nodeId: number
  readonly clusterId: string
  /** Of this life. */
  readonly incarnationId: string
  /** Of the log dirs that can be used. */
  readonly directoryIds: readonly string[]
  /** Of the life before, if it has lost nothing; -1 if that is not known. */
  readonly previousBrokerEpoch: number
  /** It has an epoch, the first or another. */
  readonly onRegistered: () => void
  readonly rack: string | null
  readonly endpoint: { readonly name: string; readonly host: string; readonly port: number }
  readonly settings: () => LifecycleSettings & { readonly registrationTimeoutMs: number }
}

const PLAINTEXT = 0
/** A broker that wants to stop and reaches no controller tries for so long. */
const UNREACHABLE_MS = 5_000
/** No time heals these. */
const HOPELESS: Readonly<Record<string, string>> = {
  INCONSISTENT_CLUSTER_ID: 'the folder belongs to another cluster; use its controllers or another folder',
  UNSUPPORTED_VERSION: 'the cluster uses features of a version that this broker does not know',
  INVALID_REGISTRATION: 'the controller does not accept how it describes itself',
}

export class BrokerLife {
  private readonly lifecycle: Lifecycle
  private stopTimer = () => {}
  private stopHearing = () => {}
  private sending = false
  /** Something became due while a request was on its way. */
  private again = false
  private everRegistered = false
  private lastError: KafkaError | undefined
  /** What came of the last request. */
  private heard: 'answer' | 'failure' | undefined
  private changed: (() => void)[] = []
  private ended: Error | undefined

  constructor(private readonly o: LifeOptions) {
    this.lifecycle = new Lifecycle(o.settings)
  }

  /** -1 before it is registered. */
  get brokerEpoch(): number {
    return this.lifecycle.brokerEpoch
  }

  /** Registers; resolves when the metadata here says what it did then. Rejects with a StartError if it is not wanted, or nobody can be asked. */
  async start(): Promise<void> {
    const { clock, controller, settings, nodeId } = this.o
    this.stopHearing = controller.subscribe((records) => this.hear(records))
    const stop = clock.after(settings().registrationTimeoutMs, () => {
      if (this.everRegistered) return
      const why = this.lastError === undefined ? '' : `: ${this.lastError.message}`
      this.giveUp(new StartError(`Broker ${nodeId} could not register with the controllers in time${why}`))
    })
    this.communicate()
    try {
      await this.until(() => this.lifecycle.phase !== 'starting')
    } finally {
      stop()
    }
  }

  /** Its logs are recovered: asks to be let in. Resolves when it is. */
  async unfence(): Promise<void> {
    this.lifecycle.setReadyToUnfence()
    this.communicate()
    await this.until(() => this.lifecycle.phase !== 'recovery')
  }

  /** These are offline from now on: what is in them is to be led by others. */
  dirFailed(directoryId: string): void {
    this.lifecycle.dirFailed(directoryId)
    if (this.everRegistered) this.communicate()
  }

  /** There is no room on its disk: from now on others are to lead and to be waited for, where there are any. Or there is room again. */
  setTakesNothing(takesNothing: boolean): void {
    this.lifecycle.setTakesNothing(takesNothing)
    if (this.everRegistered) this.communicate()
  }

  /**
   * Asks to be let go; resolves when others lead what it led, or there is nothing to wait for, or after `timeoutMs`. Where
   * nobody could lead instead (`isAlone`) one failure is enough.
   */
  async controlledShutdown({ timeoutMs, isAlone }: { timeoutMs: number; isAlone: boolean }): Promise<void> {
    if (this.ended || !this.lifecycle.beginControlledShutdown()) return this.stop()
    const { clock, log } = this.o
    const begunMs = clock.monotonic()
    this.heard = undefined
    this.communicate()
    const stop = clock.after(timeoutMs, () => {
      log.warn(`it stops without having been let go: the controller did not say so within ${timeoutMs} ms`)
      this.stop()
    })
    await this.until(() => {
      if (this.lifecycle.phase === 'shuttingDown') return true
      return this.heard === 'failure' && (isAlone || clock.monotonic() - begunMs >= UNREACHABLE_MS)
    })
    stop()
    this.stop()
  }

  /** Says nothing more. */
  stop(): void {
    this.lifecycle.beginShutdown()
    this.stopTimer()
    this.stopHearing()
    this.ended ??= new KafkaError('BROKER_NOT_AVAILABLE', 'This broker stops.')
    this.wake()
  }

  /** Who stops waits until all others know who leads instead: Kafka's brokers say how far they are with their next heartbeat, up to two seconds later. */
  private hear(records: readonly MetadataRecord[]): void {
    if (this.lifecycle.phase !== 'running') return
    const somebodyStops = records.some(
      ({ name, data }) =>
        name === 'BrokerRegistrationChangeRecord' && data.inControlledShutdown > 0 && data.brokerId !== this.o.nodeId,
    )
    if (somebodyStops) this.communicate()
  }

  /** It can live no more; who waits for it to be let in is told `error`. */
  giveUp(error: Error): void {
    this.ended = error
    this.stop()
  }

  private communicate(): void {
    this.stopTimer()
    if (this.sending) this.again = true
    else void this.send()
  }

  private async send(): Promise<void> {
    const { lifecycle } = this
    const { due } = lifecycle
    if (due === 'nothing') return
    this.sending = true
    let nextMs: number
    try {
      nextMs = due === 'registration' ? await this.register() : await this.beat()
      this.lastError = undefined
      this.heard = 'answer'
    } catch (error) {
      this.heard = 'failure'
      nextMs = this.failed(
        error instanceof KafkaError ? error : new KafkaError('UNKNOWN_SERVER_ERROR', (error as Error).message),
      )
    }
    this.sending = false
    this.wake()
    if (this.again) nextMs = 0
    this.again = false
    if (lifecycle.due !== 'nothing') this.stopTimer = this.o.clock.after(nextMs, () => this.communicate())
  }

  private async register(): Promise<number> {
    const { o, lifecycle } = this
    const { brokerEpoch } = await o.controller.ask(BrokerRegistrationHandler, {
      brokerId: o.nodeId,
      clusterId: o.clusterId,
      incarnationId: o.incarnationId,
      listeners: [{ ...o.endpoint, securityProtocol: PLAINTEXT }],
      features: supportedFeatures(),
      rack: o.rack,
      isMigratingZkBroker: false,
      logDirs: [...o.directoryIds].sort(),
      // Registering anew it is the same life that goes on: nothing was lost.
      previousBrokerEpoch: this.everRegistered ? lifecycle.brokerEpoch : o.previousBrokerEpoch,
    })
    this.everRegistered = true
    const nextMs = lifecycle.onRegistered(brokerEpoch)
    o.onRegistered()
    return nextMs
  }

  private async beat(): Promise<number> {
    const { controller, nodeId } = this.o
    const isNeeded = () => isOnlyLeader(controller.image, nodeId)
    const request = this.lifecycle.heartbeat(nodeId, controller.metadataOffset, isNeeded)
    return this.lifecycle.onHeartbeat(await controller.ask(BrokerHeartbeatHandler, request))
  }

  private failed(error: KafkaError): number {
    const { o, lifecycle } = this
    if (this.lastError?.error !== error.error) {
      o.log.warn(
        `the controller ${this.everRegistered ? 'has not taken a heartbeat' : 'has not registered it'}: ${error.message}`,
      )
    }
    this.lastError = error
    const hopeless = HOPELESS[error.error]
    if (!this.everRegistered && hopeless !== undefined) {
      this.giveUp(
        new StartError(`Broker ${o.nodeId} cannot join the cluster ${o.clusterId}: ${hopeless} (${error.message})`),
      )
    }
    return lifecycle.onFailure(error.error)
  }

  private until(done: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (done() || this.ended) {
          if (this.ended && !this.stopped) reject(this.ended)
          else resolve()
        } else this.changed.push(look)
      }
      look()
    })
  }

  private get stopped(): boolean {
    return this.ended instanceof KafkaError
  }

  private wake(): void {
    const { changed } = this
    this.changed = []
    for (const look of changed) look()
  }
}
