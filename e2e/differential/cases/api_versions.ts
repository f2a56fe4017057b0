/** What the broker says it serves. */

import { Metadata } from '../../../server/protocol/messages/03_metadata.ts'
import { ApiVersions } from '../../../server/protocol/messages/18_api_versions.ts'
import { Vote } from '../../../server/protocol/messages/52_vote.ts'
import { BrokerHeartbeat } from '../../../server/protocol/messages/63_broker_heartbeat.ts'
import { UpdateRaftVoter } from '../../../server/protocol/messages/82_update_raft_voter.ts'
import { rawStep, step } from '../step.ts'

const client = { clientSoftwareName: 'differential', clientSoftwareVersion: '1.0' }

/** A header of version 1 and a body. */
const request = (apiKey: number, apiVersion: number, body: number[]) => {
  const header = Buffer.alloc(10)
  header.writeInt16BE(apiKey, 0)
  header.writeInt16BE(apiVersion, 2)
  header.writeInt32BE(7, 4)
  header.writeInt16BE(-1, 8)
  return Buffer.concat([header, Buffer.from(body)])
}

export const apiVersions = [
  step('what is offered', ApiVersions, client, {
    versions: [0, 1, 2, 3, 4],
    except: {
      apiKeys: 'compared by a test of their own, with what is left out and why: server/broker/apis/offered.test.ts',
    },
  }),
  step('a client without a name', ApiVersions, { clientSoftwareName: '', clientSoftwareVersion: '1' }),
  step('a client whose version has a space', ApiVersions, { clientSoftwareName: 'a', clientSoftwareVersion: '1 2' }),
  step('a client whose name begins with a dash', ApiVersions, { clientSoftwareName: '-a', clientSoftwareVersion: '1' }),
  rawStep('a version of ApiVersions that is to come', ApiVersions, request(18, 9, [0])),
  rawStep('a version of Metadata that is to come', Metadata, request(3, 99, [0])),
  rawStep('a negative version of Metadata', Metadata, request(3, -1, [0])),
  rawStep('a key that nobody has', ApiVersions, request(999, 0, [0])),
  rawStep('a negative key', ApiVersions, request(-5, 0, [0])),
  rawStep('a request of controllers: a vote', Vote, request(52, 0, [0])),
  rawStep('a request of controllers: a heartbeat', BrokerHeartbeat, request(63, 0, [0])),
  rawStep('a request of controllers: a voter', UpdateRaftVoter, request(82, 0, [0])),
  rawStep('a body that is cut', Metadata, request(3, 1, [0, 0, 0, 9])),
  rawStep('a body that claims more than there can be', Metadata, request(3, 1, [0x7f, 0xff, 0xff, 0xff])),
  rawStep('no body', Metadata, request(3, 1, [])),
  rawStep('half a header', Metadata, Buffer.from([0, 3, 0, 1, 0])),
]
