/** `npm run test:vectors -- FILE…`: checks files of test vectors and closes with `N passed, N failed`. */
import { check, readVectors } from './check_vector.ts'

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('Name at least one file of test vectors, .ndjson or .ndjson.gz.')
  process.exit(2)
}

let passed = 0
let failed = 0
for (const file of files) {
  for (const v of readVectors(file)) {
    const wrong = check(v)
    if (wrong === null) passed++
    else {
      failed++
      console.log(`${v.message} v${v.version}: ${wrong}`)
    }
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
