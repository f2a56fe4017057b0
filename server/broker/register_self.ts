/** This broker makes itself known to the controller in the same process, and asks to be let in. */

import { BrokerRegistrationHandler } from '../controller/apis/62_broker_registration.ts'
import { BrokerHeartbeatHandler } from '../controller/apis/63_broker_heartbeat.ts'
import { supportedFeatures } from '../metadata/features.ts'
import { StartError } from '../rpc/start_error.ts'
import type { ControllerLink } from './controller_link.ts'

export interface Self {
  readonly controller: ControllerLink
  readonly nodeId: number
  readonly clusterId: string
  /** Of this life. */
  readonly incarnationId: string
  /** Of the log dirs that can be used. */
  readonly directoryIds: readonly string[]
  /** Of the life before, if it was stopped cleanly; -1 if not. */
  readonly previousBrokerEpoch: number
  readonly rack: string | null
  readonly endpoint: { readonly name: string; readonly host: string; readonly port: number }
}

const PLAINTEXT = 0

/** Returns the epoch of the registration. */
export async function registerSelf(self: Self): Promise<number> {
  const { controller, nodeId } = self
  const { brokerEpoch } = await controller.ask(BrokerRegistrationHandler, {
    brokerId: nodeId,
    clusterId: self.clusterId,
    incarnationId: self.incarnationId,
    listeners: [{ ...self.endpoint, securityProtocol: PLAINTEXT }],
    features: supportedFeatures(),
    rack: self.rack,
    isMigratingZkBroker: false,
    logDirs: [...self.directoryIds].sort(),
    previousBrokerEpoch: self.previousBrokerEpoch,
  })
  const { isFenced } = await controller.ask(
    BrokerHeartbeatHandler,
    heartbeat(nodeId, brokerEpoch, { wantShutDown: false }),
  )
  if (isFenced) throw new StartError(`Broker ${nodeId} was not let into its own cluster.`)
  return brokerEpoch
}

/** It is about to stop: whoever opens the folder next need not wait for it to be missed. */
export async function takeLeave(controller: ControllerLink, nodeId: number, brokerEpoch: number): Promise<void> {
  await controller.ask(BrokerHeartbeatHandler, heartbeat(nodeId, brokerEpoch, { wantShutDown: true }))
}

/** These log dirs have failed: what is in them is led by nobody. */
export async function reportFailedDirs(
  controller: ControllerLink,
  { nodeId, brokerEpoch, directoryIds }: { nodeId: number; brokerEpoch: number; directoryIds: readonly string[] },
): Promise<void> {
  await controller.ask(BrokerHeartbeatHandler, {
    ...heartbeat(nodeId, brokerEpoch, { wantShutDown: false }),
    offlineLogDirs: [...directoryIds],
  })
}

const heartbeat = (brokerId: number, brokerEpoch: number, { wantShutDown }: { wantShutDown: boolean }) => ({
  brokerId,
  brokerEpoch,
  currentMetadataOffset: brokerEpoch,
  wantFence: false,
  wantShutDown,
  offlineLogDirs: [],
  cordonedLogDirs: null,
})
