import { expect, test } from 'vitest'
import { debianSources } from '../../src/toolchain/routes/debian-sources.ts'

test('the newer format keeps the mirror and its keys, embedded ones included', () => {
  const text = `# a comment
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`
  expect(debianSources([{ name: '/etc/apt/sources.list.d/debian.sources', text }], 'bookworm')).toBe(`Types: deb
URIs: http://mirror.example/debian
Suites: trixie
Components: main
signed-by:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
`)
})

test('the older format keeps the mirror and its keys', () => {
  const text = `deb [arch=amd64 signed-by=/usr/share/keyrings/d.gpg] https://mirror.example/debian bookworm main # ours
deb-src https://mirror.example/debian bookworm main
deb https://elsewhere.example/apt bookworm stable
`
  expect(debianSources([{ name: '/etc/apt/sources.list', text }], 'bookworm')).toBe(`Types: deb
URIs: https://mirror.example/debian
Suites: trixie
Components: main
signed-by: /usr/share/keyrings/d.gpg
`)
})

test('without an entry for the machine’s own suite there is no mirror to ask', () => {
  const disabled = 'Types: deb\nURIs: http://m/debian\nSuites: bookworm\nComponents: main\nEnabled: no\n'
  expect(debianSources([{ name: 'a.sources', text: disabled }], 'bookworm')).toBeNull()
  expect(debianSources([{ name: 'sources.list', text: 'deb http://m/debian sid main' }], 'bookworm')).toBeNull()
  expect(debianSources([], 'bookworm')).toBeNull()
})
