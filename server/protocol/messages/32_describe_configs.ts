/** Settings of topics, brokers, groups and client metrics, with where each value comes from (KIP-226). */
import { api } from '../api.ts'
import { array, bool, int8, int16, int32, string } from '../schema.ts'

export const DescribeConfigs = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: '0-4',
  flexible: '4+',
  request: {
    resources: array({
      /** 2 topic, 4 broker, 8 broker loggers, 16 client metrics, 32 group. */
      resourceType: int8(),
      resourceName: string(),
      /** Null for all. */
      configurationKeys: array(string(), { nullable: '0+' }),
    }),
    includeSynonyms: bool({ versions: '1+' }),
    includeDocumentation: bool({ versions: '3+' }),
  },
  response: {
    throttleTimeMs: int32(),
    results: array({
      errorCode: int16(),
      errorMessage: string({ nullable: '0+' }),
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        value: string({ nullable: '0+' }),
        readOnly: bool(),
        /**
         * 1 topic, 2 this broker, 3 all brokers, 4 given at the start, 5 default, 6 logger, 7 client metrics, 8 group.
         */
        configSource: int8({ versions: '1+', default: -1 }),
        isDefault: bool({ versions: '0' }),
        isSensitive: bool(),
        /** Everything that was set for it, what counts first. */
        synonyms: array(
          {
            name: string(),
            value: string({ nullable: '1+' }),
            source: int8(),
          },
          { versions: '1+' },
        ),
        configType: int8({ versions: '3+' }),
        documentation: string({ versions: '3+', nullable: '3+' }),
      }),
    }),
  },
})
