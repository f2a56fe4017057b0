/**
 * How a metadata record looks in the log: no key; a value of frame version (1), type and version as unsigned varints, and
 * the message (KIP-500, KIP-631).
 */
import { codec } from '../protocol/codec.ts'
import { metadataMessages as messages, metadataRecords } from '../protocol/metadata_records/index.ts'
import type { Infer, RecordMessage } from '../protocol/schema.ts'
import { MalformedError, Reader, Writer } from '../protocol/wire.ts'
import type { RecordCodec } from '../state/log.ts'

export type MetadataRecordName = keyof typeof messages
/** The fields of a record, all of them. */
export type MetadataRecordData<N extends MetadataRecordName> = Infer<(typeof messages)[N]>
/** One record of `__cluster_metadata`. */
export type MetadataRecord = {
  [N in MetadataRecordName]: { readonly name: N; readonly version: number; readonly data: MetadataRecordData<N> }
}[MetadataRecordName]

/** `version` decides which fields are kept: what the cluster's metadata.version allows, see `record_versions.ts`. */
export const metadataRecord = <N extends MetadataRecordName>(
  name: N,
  data: MetadataRecordData<N>,
  version = 0,
): MetadataRecord => ({ name, version, data }) as MetadataRecord

const FRAME_VERSION = 1
export const metadataRecordCodec: RecordCodec<MetadataRecord> = {
  encode({ name, version, data }) {
    const message: RecordMessage<any> = messages[name]
    const w = new Writer(128)
    w.uvarint(FRAME_VERSION)
    w.uvarint(message.type)
    w.uvarint(version)
    codec(message, version).encode(w, data)
    return { key: null, value: w.done() }
  },

  /**
   * Unlike other machines this one must know every record: one of a later metadata.version than ours may hold anything.
   * The values are copied, so that the image does not keep whole batches alive.
   */
  decode(_key, value) {
    if (value === null) throw new MalformedError('a metadata record without a value')
    const r = new Reader(Buffer.from(value))
    const frame = r.uvarint()
    if (frame !== FRAME_VERSION) throw new MalformedError(`a metadata record in frame version ${frame}`)
    const type = r.uvarint()
    const version = r.uvarint()
    const message = metadataRecords.get(type)
    if (message === undefined) throw new MalformedError(`a metadata record of unknown type ${type}`)
    const data = codec(message, version).decode(r)
    return { name: message.name, version, data } as MetadataRecord
  },
}
