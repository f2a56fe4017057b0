/** ApiVersions (18) of a controller: what it serves, and the features of the cluster. */
import { featuresOf } from '../../metadata/features_of.ts'
import { ApiVersions } from '../../protocol/messages/18_api_versions.ts'
import { apiVersions, clientName, noApiVersions } from '../../rpc/api_versions.ts'
import { nodeHandler } from '../handler.ts'

export const ApiVersionsHandler = nodeHandler(ApiVersions, {
  handle(request, { node, version }) {
    clientName(request, version)
    return apiVersions(version, node.offered, featuresOf(node.controller.image))
  },
  fail: noApiVersions,
})
