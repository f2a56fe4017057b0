import { api } from '../api.ts'
import { array, bool, int8, int16, int32, string } from '../schema.ts'

export const DescribeConfigs = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: '0-4',
  flexible: '4+',
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
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
        configSource: int8({ versions: '1+', default: -1 }),
        isDefault: bool({ versions: '0' }),
        isSensitive: bool(),
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
