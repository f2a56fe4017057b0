/** `partition.metadata`: the id of the topic that a partition's folder belongs to (KIP-516). */

import { PARTITION_METADATA } from './file_names.ts'
import type { Files } from './files.ts'

/** 22 characters of base64url, or undefined if the file is missing or damaged. */
export function readTopicId(files: Files, dir: string): string | undefined {
  const text = files.disk.readFile(`${dir}/${PARTITION_METADATA}`)?.toString('utf8')
  return text === undefined ? undefined : /^version: 0\ntopic_id: ([A-Za-z0-9_-]{22})\n?$/.exec(text)?.[1]
}

/** Not synced by itself: what it says stands in the metadata log too, and it is written anew if it is missing. */
export function writeTopicId(files: Files, dir: string, topicId: string): void {
  files.write(`${dir}/${PARTITION_METADATA}`, content(topicId))
}

/** Durable when it returns, but for the name of the folder. */
export const keepTopicId = (files: Files, dir: string, topicId: string): void =>
  files.disk.replaceFile(`${dir}/${PARTITION_METADATA}`, content(topicId))

const content = (topicId: string): Buffer => Buffer.from(`version: 0\ntopic_id: ${topicId}`)
