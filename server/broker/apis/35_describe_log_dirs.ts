/**
 * DescribeLogDirs (35): what lies on disk, in bytes; a partition that is being moved is in two dirs, in the new one as a future
 * replica that lags. v4 adds the size of the file system (KIP-827), v5 whether a dir takes new partitions (KIP-1066).
 */
import { errorCode } from '../../protocol/errors.ts'
import { DescribeLogDirs } from '../../protocol/messages/35_describe_log_dirs.ts'
import { handler } from '../handler.ts'

export const DescribeLogDirsHandler = handler(DescribeLogDirs, {
  handle(request, { broker }) {
    const wanted = request.topics && new Map(request.topics.map((t) => [t.topic, new Set(t.partitions)]))
    return {
      errorCode: errorCode.NONE,
      results: broker.partitions.logDirs().map((dir) => {
        const topics = new Map<
          string,
          { partitionIndex: number; partitionSize: number; offsetLag: number; isFutureKey: boolean }[]
        >()
        for (const { topic, index, sizeBytes, offsetLag, isFuture } of dir.partitions) {
          if (wanted && !wanted.get(topic)?.has(index)) continue
          const list = topics.get(topic) ?? []
          topics.set(topic, list)
          list.push({ partitionIndex: index, partitionSize: sizeBytes, offsetLag, isFutureKey: isFuture })
        }
        return {
          errorCode: dir.offline ? errorCode.KAFKA_STORAGE_ERROR : errorCode.NONE,
          logDir: dir.path,
          topics: [...topics].map(([name, partitions]) => ({ name, partitions })),
          totalBytes: dir.totalBytes,
          usableBytes: dir.usableBytes,
          isCordoned: dir.cordoned,
        }
      }),
    }
  },
  fail: (_request, { code }) => ({ errorCode: code, results: [] }),
})
