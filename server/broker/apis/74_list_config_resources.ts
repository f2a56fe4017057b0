/**
 * ListConfigResources (74): what has settings (KIP-1142). Topics and brokers are all there are; groups and subscriptions to clients'
 * metrics are those for which something is set. v0 knew subscriptions only; from v1 on no type means every type.
 */
import { type MetadataImage, resourceType } from '../../metadata/image.ts'
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { ListConfigResources } from '../../protocol/messages/74_list_config_resources.ts'
import { handler } from '../handler.ts'

type Names = (image: MetadataImage) => Iterable<string>

const brokers: Names = (image) => [...image.brokers.keys()].map(String)
const configured =
  (type: number): Names =>
  (image) =>
    [...(image.configs.get(type) ?? [])].flatMap(([name, values]) => (name !== '' && values.size > 0 ? [name] : []))

const namesOf: ReadonlyMap<number, Names> = new Map([
  [resourceType.topic, (image) => image.topics.keys()],
  [resourceType.broker, brokers],
  [resourceType.brokerLogger, brokers],
  [resourceType.clientMetrics, configured(resourceType.clientMetrics)],
  [resourceType.group, configured(resourceType.group)],
])

export const ListConfigResourcesHandler = handler(ListConfigResources, {
  handle(request, { broker, version }) {
    const wanted = new Set(version === 0 ? [resourceType.clientMetrics] : request.resourceTypes)
    for (const type of wanted) {
      if (!namesOf.has(type))
        throw new KafkaError('UNSUPPORTED_VERSION', `${type} is no type of resource with settings.`)
    }
    const types = wanted.size === 0 ? [...namesOf.keys()] : [...wanted]
    const { image } = broker.controller
    return {
      errorCode: errorCode.NONE,
      configResources: types.flatMap((type) =>
        [...namesOf.get(type)!(image)].map((resourceName) => ({ resourceName, resourceType: type })),
      ),
    }
  },
  fail: (_request, { code }) => ({ errorCode: code, configResources: [] }),
})
