/** The answer to AlterConfigs (33) and IncrementalAlterConfigs (44) that says the whole request failed: each resource is as it was. */
import type { Failure } from '../../rpc/handler.ts'

interface Request {
  readonly resources: readonly { readonly resourceType: number; readonly resourceName: string }[]
}

export const configsUnchanged = ({ resources }: Request, { code, detail }: Failure) => ({
  responses: resources.map(({ resourceType, resourceName }) => ({
    errorCode: code,
    errorMessage: detail,
    resourceType,
    resourceName,
  })),
})
