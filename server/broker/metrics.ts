/**
 * What a broker counts of itself while it works: plain numbers, added to where things happen. A request costs some additions
 * and a short search in a histogram, no clock that was not looked at anyway and no memory. `metrics_table.ts` says under which
 * names all of it can be read.
 */
import { Histogram, RecentQuantiles } from '../lib/histogram.ts'
import type { Api } from '../protocol/api.ts'
import { TopicMeter } from '../replication/topic_meter.ts'
import { ApiMeter, RECENT } from '../rpc/api_meter.ts'

export class BrokerMetrics {
  private readonly byKey: (ApiMeter | undefined)[] = []
  private readonly byTopic = new Map<string, TopicMeter>()
  /** Of topics that have been deleted, and of requests for topics that there are not. */
  readonly elsewhere = new TopicMeter()
  connectionsAccepted = 0
  /** Changes of ISRs led here that the controller has made, and that it has not. */
  isrExpands = 0
  isrShrinks = 0
  isrUpdatesFailed = 0
  /** Requests that could not be answered: unknown, malformed, of a version that is not served. Their connections are closed. */
  requestsRefused = 0
  /** Seconds. */
  readonly syncs = new Histogram([0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5])
  readonly coordinatorLoads = new Histogram([0.001, 0.01, 0.1, 1, 10, 60])
  readonly recentSyncs = new RecentQuantiles(this.syncs, RECENT)

  constructor(apis: Iterable<Api>) {
    for (const api of apis) this.byKey[api.key] = new ApiMeter(api)
  }

  /** Undefined if the API is not served. */
  ofKey(apiKey: number): ApiMeter | undefined {
    return this.byKey[apiKey]
  }
  ofApi(api: Api): ApiMeter {
    return this.byKey[api.key]!
  }
  get apis(): ApiMeter[] {
    return this.byKey.filter((m) => m !== undefined)
  }

  /** Of a topic that there is: made at the first call. */
  topic(name: string): TopicMeter {
    let meter = this.byTopic.get(name)
    if (!meter) this.byTopic.set(name, (meter = new TopicMeter()))
    return meter
  }
  get topics(): ReadonlyMap<string, TopicMeter> {
    return this.byTopic
  }

  /** The topic is deleted: the broker's own totals keep what it counted. */
  forgetTopic(name: string): void {
    const meter = this.byTopic.get(name)
    if (meter) this.elsewhere.add(meter)
    this.byTopic.delete(name)
  }
}
