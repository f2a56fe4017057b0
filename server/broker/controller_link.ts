/**
 * The controller as a broker knows it, wherever it runs: what it has committed, as far as this broker has heard, and who decides for
 * clients. Here it is in the same process (`process.roles=broker,controller`).
 */
import type { ControllerCall, ControllerHandler } from '../controller/handler.ts'
import type { Env } from '../env/env.ts'
import type { LogManager } from '../log/log_manager.ts'
import type { Configs } from '../metadata/configs.ts'
import type { MetadataController, Subscriber } from '../metadata/controller.ts'
import type { MetadataImage } from '../metadata/image.ts'
import { highestVersion } from '../protocol/api.ts'
import { decode, encode } from '../protocol/codec.ts'
import type { Fields, Infer, Input, Message } from '../protocol/schema.ts'
import type { RequestQuota } from '../quota/request_quota.ts'
import { Gone } from '../rpc/gone.ts'
import type { Answer, CallContext } from '../rpc/handler.ts'
import type { LeveledLogger } from '../rpc/logger.ts'

/** Who asks the broker for something that the controller decides. */
export interface ForwardedCall extends CallContext {
  readonly quota: Pick<RequestQuota, 'chargePartitions'> | undefined
}

export interface ControllerLink {
  /** Committed, as far as this broker has heard. */
  readonly image: MetadataImage
  /** Of the last record in `image`; -1 before the first. */
  readonly metadataOffset: number
  /** `fn` is called with what is committed from now on, when it is in `image`. Returns what ends that. */
  subscribe(fn: Subscriber): () => void
  /** Has the controller decide; rejects with a KafkaError where it cannot be asked. */
  forward<Q extends Fields, S extends Fields>(
    h: ControllerHandler<Q, S>,
    request: Infer<Message<Q>>,
    call: ForwardedCall,
  ): Promise<Answer<S>>
  /** The same of what this broker wants itself. Rejects with the KafkaError with which the whole request was refused. */
  ask<Q extends Fields, S extends Fields>(
    h: ControllerHandler<Q, S>,
    request: Input<Message<Q>>,
  ): Promise<Infer<Message<S>>>
  /** The broker has stopped: nothing more is heard or asked. */
  close(): void
}

/** What a broker that starts gives to come to its controller. */
export interface LinkOptions {
  readonly env: Env
  readonly nodeId: number
  readonly configs: Configs
  readonly log: LeveledLogger
  /** Of the cluster that the log dirs belong to; undefined if they are new. */
  readonly clusterId: string | undefined
  /**
   * Opens the log dirs and returns the one for the metadata log. To be called once; folders that belong to no cluster yet become this one's,
   * or, if none is named, one of their own.
   */
  openLogs(clusterId?: string): LogManager
  /** Called at most once: until its next start this broker hears nothing more of its cluster, and is not wanted there. */
  onDown(error: Error): void
}

const OWN = { clientId: '', clientHost: '', clientPort: -1, principal: 'User:ANONYMOUS', quota: undefined }

export class LocalLink implements ControllerLink {
  constructor(
    private readonly controller: MetadataController,
    /** Called when the broker has stopped. */
    readonly close: () => void = () => {},
  ) {}

  get image(): MetadataImage {
    return this.controller.image
  }

  get metadataOffset(): number {
    return this.image.nextOffset - 1
  }

  subscribe(fn: Subscriber): () => void {
    return this.controller.subscribe(fn)
  }

  async forward<Q extends Fields, S extends Fields>(
    h: ControllerHandler<Q, S>,
    request: Infer<Message<Q>>,
    call: ForwardedCall,
  ): Promise<Answer<S>> {
    const { controller } = this
    const charge: ControllerCall['charge'] = (partitions, strict) => call.quota?.chargePartitions(partitions, strict)
    return h.handle(request, { ...call, controller, charge })
  }

  /** In the bytes of the protocol and back, so that it is the same as from another process. */
  async ask<Q extends Fields, S extends Fields>(
    h: ControllerHandler<Q, S>,
    request: Input<Message<Q>>,
  ): Promise<Infer<Message<S>>> {
    const { api } = h
    const version = highestVersion(api)
    const asked = decode(api.request, version, encode(api.request, version, request))
    const answer = await this.forward(h, asked, { ...OWN, version, gone: new Gone() })
    return decode(api.response, version, encode(api.response, version, answer as Input<Message<S>>))
  }
}
