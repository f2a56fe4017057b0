/** What the broker says it serves. */
import { ApiVersions } from '../../../server/protocol/messages/18_api_versions.ts'
import { step } from '../step.ts'

const client = { clientSoftwareName: 'differential', clientSoftwareVersion: '1.0' }

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
]
