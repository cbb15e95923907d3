import { expect, test } from 'vitest'
import { cosignFlaw, toolVersions } from '../../src/toolchain/ensure-tools.ts'

test.each(['2.6.3', '2.6.4', '3.0.6', '3.1.2', 'v3.1.2', toolVersions.cosign])(
  'cosign %s has no known flaw',
  (version) => {
    expect(cosignFlaw(version)).toBeUndefined()
  },
)

test.each(['2.5.0', '2.6.2', '3.0.0', '3.0.5', '1.13.1'])('cosign %s has the flaw of CVE-2026-22703', (version) => {
  expect(cosignFlaw(version)).toContain('CVE-2026-22703')
})

test.each(['devel', '', '4.0.0'])('cosign "%s", which nobody tried, counts as flawed', (version) => {
  expect(cosignFlaw(version)).toBeDefined()
})
