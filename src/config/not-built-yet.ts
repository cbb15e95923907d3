// What the documentation describes and this version refuses, so that nobody relies on a key that does nothing.
const plannedKeys: Readonly<Record<string, string>> = {
  keyless: 'Verification by issuer and identity',
  irreversible: 'Marking releases as irreversible',
  repository: 'A promotion path over several repositories',
}

const plannedTypes: Readonly<Record<string, string>> = {
  attestation: 'The gate `attestation`',
  policy: 'The gate `policy`',
  window: 'The gate `window`',
  issues: 'The gate `issues`',
  version: 'The gate `version`',
  http: 'The gate `http`',
  'commit-status': 'Delivery seen by commit statuses',
}

/** The documented thing that a key or a `type` stands for; undefined where nothing of that name is planned. */
export const plannedKey = (key: string): string | undefined =>
  Object.hasOwn(plannedKeys, key) ? plannedKeys[key] : undefined

export const plannedType = (type: unknown): string | undefined =>
  typeof type === 'string' && Object.hasOwn(plannedTypes, type) ? plannedTypes[type] : undefined
