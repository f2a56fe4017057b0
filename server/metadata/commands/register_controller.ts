/** ControllerRegistration (70): a controller tells how it is reached and which features it knows (KIP-919). */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import type { ControllerRegistration } from '../../protocol/messages/70_controller_registration.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import type { MetadataCommand } from '../context.ts'
import { metadataRecord } from '../record_codec.ts'
import { METADATA_VERSION } from '../record_versions.ts'

type Request = Infer<typeof ControllerRegistration.request>
type Response = Input<typeof ControllerRegistration.response>

export const registerController =
  (request: Request): MetadataCommand<Response> =>
  (image) => {
    if (image.metadataVersion < METADATA_VERSION.v3_7_0) {
      throw new KafkaError(
        'UNSUPPORTED_VERSION',
        `Controllers register from metadata.version ${METADATA_VERSION.v3_7_0} on; the cluster's is ${image.metadataVersion}.`,
      )
    }
    const { controllerId, incarnationId, listeners, features } = request
    const data = { controllerId, incarnationId, zkMigrationReady: false, endPoints: listeners, features }
    return {
      records: [metadataRecord('RegisterControllerRecord', data)],
      reply: { throttleTimeMs: 0, errorCode: errorCode.NONE, errorMessage: null },
    }
  }
