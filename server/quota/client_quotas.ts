/**
 * Quotas of users and client ids (KIP-13, 124, 257, 546, 599): which limit counts for a client, and what has been used of it.
 * Where no quota is set for anybody, nothing is measured: `begin` gives nothing then. Without authentication all are one user.
 */
import type { BrokerConfig } from '../config/resolve.ts'
import type { Clock } from '../env/env.ts'
import type { QuotaEntity } from '../metadata/client_quotas.ts'
import type { MetadataImage } from '../metadata/image.ts'
import { RequestQuota } from './request_quota.ts'
import { type RateWindows, SampledRate } from './sampled_rate.ts'
import { TokenBucket } from './token_bucket.ts'

export const quotaWindowsOf = (config: BrokerConfig) => ({
  client: { samples: config['quota.window.num'], windowMs: config['quota.window.size.seconds'] * 1000 },
  controller: {
    samples: config['controller.quota.window.num'],
    windowMs: config['controller.quota.window.size.seconds'] * 1000,
  },
})

export interface Client {
  readonly user: string
  readonly clientId: string
}

/** So many clients are remembered at most, of each kind of quota; who comes back after having been dropped begins anew. */
const MAX_CLIENTS = 10_000

/** What counts for one client: the limit, and the meter, which it may share with others. */
export interface Measured<M> {
  readonly perSecond: number
  readonly meter: M
}

/** One kind of quota. */
export class QuotaKind<M> {
  private limits: ReadonlyMap<string, number> = new Map()
  private readonly found = new Map<string, Measured<M> | undefined>()
  private readonly meters = new Map<string, M>()

  constructor(
    readonly key: string,
    private readonly newMeter: () => M,
  ) {}

  /** By entity. Meters go on: another limit does not make forgotten what was used. */
  setLimits(limits: ReadonlyMap<string, number>): void {
    this.limits = limits
    this.found.clear()
  }

  get isSet(): boolean {
    return this.limits.size > 0
  }

  /** Undefined where this client is not limited. */
  of(client: Client): Measured<M> | undefined {
    if (this.limits.size === 0) return undefined
    const key = nameOf(client.user, client.clientId)
    if (!this.found.has(key)) remember(this.found, key, this.find(client))
    return this.found.get(key)
  }

  /** The most specific entity counts; those named in it have a meter each, those it leaves out share one. */
  private find({ user, clientId }: Client): Measured<M> | undefined {
    const users = [user, null]
    const candidates =
      // A client without an id has only its user's quotas.
      clientId === ''
        ? users.map((u) => [nameOf(u), nameOf(user)])
        : [
            ...users.flatMap((u) => [
              [nameOf(u, clientId), nameOf(user, clientId)],
              [nameOf(u, null), nameOf(user, clientId)],
              [nameOf(u), nameOf(user)],
            ]),
            [nameOf(undefined, clientId), nameOf(undefined, clientId)],
            [nameOf(undefined, null), nameOf(undefined, clientId)],
          ]
    const hit = candidates.find(([entity]) => this.limits.has(entity!))
    if (!hit) return undefined
    const [entity, sharedBy] = hit as [string, string]
    if (!this.meters.has(sharedBy)) remember(this.meters, sharedBy, this.newMeter())
    return { perSecond: this.limits.get(entity)!, meter: this.meters.get(sharedBy)! }
  }
}

export class ClientQuotas {
  readonly produce: QuotaKind<SampledRate>
  readonly fetch: QuotaKind<SampledRate>
  readonly request: QuotaKind<SampledRate>
  readonly controllerMutation: QuotaKind<TokenBucket>
  private readonly kinds: readonly QuotaKind<unknown>[]
  private anySet = false

  constructor(
    /** quota.window.* and controller.quota.window.* */
    readonly windows: { readonly client: RateWindows; readonly controller: RateWindows },
    readonly clock: Pick<Clock, 'monotonic'>,
  ) {
    const rate = () => new SampledRate(windows.client)
    this.produce = new QuotaKind('producer_byte_rate', rate)
    this.fetch = new QuotaKind('consumer_byte_rate', rate)
    this.request = new QuotaKind('request_percentage', rate)
    this.controllerMutation = new QuotaKind('controller_mutation_rate', () => new TokenBucket(windows.controller))
    this.kinds = [this.produce, this.fetch, this.request, this.controllerMutation]
  }

  /** Takes over what is set now. */
  follow(image: Pick<MetadataImage, 'clientQuotas'>): void {
    const limits = this.kinds.map(() => new Map<string, number>())
    for (const { entity, values } of image.clientQuotas.values()) {
      if (entity.some((e) => e.entityType === 'ip')) continue
      for (const [i, { key }] of this.kinds.entries()) {
        const value = values.get(key)
        if (value !== undefined) limits[i]!.set(entityName(entity), value)
      }
    }
    for (const [i, kind] of this.kinds.entries()) kind.setLimits(limits[i]!)
    this.anySet = this.kinds.some((kind) => kind.isSet)
  }

  /** For one request of so many bytes; undefined where nobody is limited. */
  begin(user: string, clientId: string, requestBytes: number): RequestQuota | undefined {
    return this.anySet ? new RequestQuota(this, { user, clientId }, requestBytes) : undefined
  }
}

/** Names as they are, null for the default, undefined for what is left out. */
const nameOf = (user: string | null | undefined, clientId?: string | null): string =>
  JSON.stringify([user === undefined ? 0 : user, clientId === undefined ? 0 : clientId])

const entityName = (entity: QuotaEntity): string => {
  const of = (type: string) => entity.find((e) => e.entityType === type)?.entityName
  return nameOf(of('user'), of('client-id'))
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  if (map.size >= MAX_CLIENTS) map.delete(map.keys().next().value!)
  map.set(key, value)
}
