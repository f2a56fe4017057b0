/** Who asks, as far as the group coordinator cares. */
export interface GroupContext {
  /** Of the API. */
  readonly version: number
  readonly clientId: string
  /** As Kafka shows it: '/127.0.0.1'. */
  readonly clientHost: string
}
