/** The table of what a controller that is a node of its own serves: ApiVersions and the dispatcher read it. */
import { type Api, highestVersion, lowestVersion } from '../../protocol/api.ts'
import type { NodeHandler } from '../handler.ts'
import { FetchHandler } from './01_fetch.ts'
import { ApiVersionsHandler } from './18_api_versions.ts'
import { DescribeConfigsHandler } from './32_describe_configs.ts'
import { VoteHandler } from './52_vote.ts'
import { BeginQuorumEpochHandler } from './53_begin_quorum_epoch.ts'
import { EndQuorumEpochHandler } from './54_end_quorum_epoch.ts'
import { EnvelopeHandler } from './58_envelope.ts'
import { FetchSnapshotHandler } from './59_fetch_snapshot.ts'
import { DescribeClusterHandler } from './60_describe_cluster.ts'
import { ControllerRegistrationHandler } from './70_controller_registration.ts'
import { UpdateRaftVoterHandler } from './82_update_raft_voter.ts'
import { decided } from './decided.ts'
import { ofBrokers } from './of_brokers.ts'

const own: readonly NodeHandler[] = [
  FetchHandler,
  ApiVersionsHandler,
  DescribeConfigsHandler,
  VoteHandler,
  BeginQuorumEpochHandler,
  EndQuorumEpochHandler,
  EnvelopeHandler,
  FetchSnapshotHandler,
  DescribeClusterHandler,
  ControllerRegistrationHandler,
  UpdateRaftVoterHandler,
]

const handlers: readonly NodeHandler[] = [...own, ...ofBrokers, ...decided].sort((a, b) => a.api.key - b.api.key)

/** By API key, ascending. */
export const served: ReadonlyMap<number, NodeHandler> = new Map(handlers.map((h) => [h.api.key, h]))

export const versionsOf = (api: Api) => ({ lowest: lowestVersion(api), highest: highestVersion(api) })

/** What ApiVersions tells. */
export const offered = () =>
  handlers.map(({ api }) => {
    const { lowest, highest } = versionsOf(api)
    return { apiKey: api.key, minVersion: lowest, maxVersion: highest }
  })
