/**
 * What the controller does first in its term: a new cluster gets its features, in one metadata transaction as Kafka does;
 * a transaction that a crash left open is aborted.
 */
import type { ControllerContext, MetadataCommand } from '../context.ts'
import { resourceType } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'

/** `bootstrap`: the records of `bootstrap.checkpoint`. */
export const activate =
  (bootstrap: readonly MetadataRecord[], { settings }: ControllerContext): MetadataCommand<void> =>
  (image) => {
    const records: MetadataRecord[] = []
    if (image.transaction !== undefined) {
      records.push(metadataRecord('AbortTransactionRecord', { reason: 'The controller was restarted.' }))
    }
    if (image.features.size === 0) {
      records.push(
        metadataRecord('BeginTransactionRecord', { name: 'Bootstrap records' }),
        ...bootstrap,
        metadataRecord('ConfigRecord', {
          resourceType: resourceType.broker,
          resourceName: '',
          name: 'min.insync.replicas',
          value: String(settings.minInsyncReplicas),
        }),
        metadataRecord('EndTransactionRecord', {}),
      )
    }
    return { records, reply: undefined }
  }
