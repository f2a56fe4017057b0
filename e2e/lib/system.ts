/** What the tests and measurements see of a broker, whether it is Weir or Apache Kafka. */
export interface System {
  readonly name: 'Weir' | 'Apache Kafka'
  readonly startedAtMs: number
  /** HOST:PORT for clients. */
  readonly bootstrap: string
  /** The processes that are the engine: supervisor and brokers; of Apache Kafka its one JVM. */
  engine(): number[]
  /** Every process, the console's included. */
  all(): number[]
  /** The process that holds the Kafka port, or undefined while there is none. */
  broker(): number | undefined
  /** SIGTERM, and until every process is gone. */
  stop(): Promise<void>
  /** SIGKILL to every process at once. */
  kill(): Promise<void>
}

export interface StartOptions {
  dataDir: string
  /** The broker's port; 0 or absent for a free one. */
  port?: number
  /** Settings by Kafka's names. */
  settings?: Record<string, string>
  /** False: return as soon as the process runs. Needs a port that is not 0. */
  wait?: boolean
}
