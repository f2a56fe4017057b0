/** What has gone through a topic's partitions on this broker since it started: plain numbers, counted where it happens. */
export class TopicMeter {
  recordsIn = 0
  bytesIn = 0
  recordsOut = 0
  bytesOut = 0
  /** Partitions asked for in requests, and those of them that were answered with an error. */
  produceRequests = 0
  fetchRequests = 0
  failedProduceRequests = 0
  failedFetchRequests = 0
  /** From leaders, and to followers. */
  replicationBytesIn = 0
  replicationBytesOut = 0

  /** Written to the log: what was there already is not counted a second time. */
  appended(records: number, bytes: number): void {
    this.recordsIn += records
    this.bytesIn += bytes
  }

  /** Written to the log as the leader has it. */
  replicated(bytes: number): void {
    this.replicationBytesIn += bytes
  }

  add(other: TopicMeter): void {
    this.appended(other.recordsIn, other.bytesIn)
    this.recordsOut += other.recordsOut
    this.bytesOut += other.bytesOut
    this.produceRequests += other.produceRequests
    this.fetchRequests += other.fetchRequests
    this.failedProduceRequests += other.failedProduceRequests
    this.failedFetchRequests += other.failedFetchRequests
    this.replicationBytesIn += other.replicationBytesIn
    this.replicationBytesOut += other.replicationBytesOut
  }
}
