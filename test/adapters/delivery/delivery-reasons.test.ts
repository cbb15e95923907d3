import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { deliveryReasons } from '../../../src/adapters/delivery/delivery-reasons.ts'

const folder = new URL('../../../src/adapters/delivery/', import.meta.url)
const given = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('reasons.ts') && !file.endsWith('sight.ts'))
  .flatMap((file) => [
    ...readFileSync(new URL(file, folder), 'utf8').matchAll(/'((?:flux|argo|cluster)\.[a-z0-9-]+)'/g),
  ])
  .map(([, code = '']) => code)
  // How an access is refused at the start is no sighting.
  .filter((code) => code !== 'cluster.settings')

test('every reason code that the judges give has a sentence, and every sentence a judge', () => {
  expect(new Set(given)).toEqual(new Set(Object.keys(deliveryReasons)))
})

test('the sentences are sentences', () => {
  for (const sentence of Object.values(deliveryReasons)) expect(sentence).toMatch(/^[A-Z].*\.$/)
})
