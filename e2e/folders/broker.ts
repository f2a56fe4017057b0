/**
 * A broker as its folder's next owner sees it: requests as they are, in the version that is named, decoded answers. Whether it is
 * Weir or Apache Kafka is not to be seen here. Speaks through the project's codecs, which Kafka's own vectors have judged.
 */
import { parseAddresses } from '../../server/client/client.ts'
import { BrokerConnection } from '../../server/client/connection.ts'
import { nodeEnv } from '../../server/env/node.ts'
import type { Api } from '../../server/protocol/api.ts'
import { errorOf } from '../../server/protocol/errors.ts'
import { SaslHandshake } from '../../server/protocol/messages/17_sasl_handshake.ts'
import { SaslAuthenticate } from '../../server/protocol/messages/36_sasl_authenticate.ts'
import type { Fields, Infer, Input, Message } from '../../server/protocol/schema.ts'

export class Broker {
  private constructor(private readonly connection: BrokerConnection) {}

  /** `bootstrap`: host:port. With a user, logs in first (SASL PLAIN). */
  static async connect(bootstrap: string, login?: { user: string; password: string }): Promise<Broker> {
    const plain = async (connection: BrokerConnection) => {
      await connection.send(SaslHandshake, { mechanism: 'PLAIN' })
      const authBytes = Buffer.from(`\0${login!.user}\0${login!.password}`)
      check((await connection.send(SaslAuthenticate, { authBytes })).errorCode, 'logging in')
    }
    return new Broker(
      await BrokerConnection.open(nodeEnv(), parseAddresses(bootstrap)[0]!, {
        clientId: 'folders',
        requestTimeoutMs: 30_000,
        connectTimeoutMs: 5_000,
        maxResponseBytes: 1 << 28,
        ...(login && { authenticate: plain }),
      }),
    )
  }

  /** Does it serve this API, in that version if one is named? */
  offers(api: Api, version?: number): boolean {
    const range = this.connection.versions.get(api.key)
    return range !== undefined && (version === undefined || (version >= range.lowest && version <= range.highest))
  }

  /** Finalized levels of the features. */
  get features(): { name: string; level: number }[] {
    return this.connection.features.flatMap(({ name, finalized }) =>
      finalized === null || finalized === 0 ? [] : [{ name, level: finalized }],
    )
  }

  ask<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    body: Input<Message<Q>>,
  ): Promise<Infer<Message<S>>> {
    return this.connection.send(api, body, { minVersion: version, maxVersion: version })
  }

  close(): void {
    this.connection.close()
  }
}

/** Throws if the code is an error. */
export function check(code: number, what: string): void {
  if (code !== 0) throw new Error(`${what}: ${errorOf(code)}`)
}
