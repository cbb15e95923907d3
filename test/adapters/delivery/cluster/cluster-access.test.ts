import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ClusterAccess, kubeConfigFor } from '../../../../src/adapters/delivery/cluster/cluster-access.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-kubeconfig-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function kubeconfig(user: object | undefined, server = 'https://10.0.0.1:6443'): string {
  const file = join(dir, 'config')
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'staging',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'staging', context: { cluster: 'c', user: 'u' } }],
  }
  writeFileSync(file, JSON.stringify(content))
  return file
}

test('a kubeconfig with a token is taken, by its current context or a named one', () => {
  const file = kubeconfig({ token: 't' })
  expect(kubeConfigFor({ name: 'staging', kubeconfig: file }).getCurrentCluster()?.server).toBe('https://10.0.0.1:6443')
  expect(kubeConfigFor({ name: 'staging', kubeconfig: file, context: 'staging' }).getCurrentUser()?.token).toBe('t')
})

const plugin = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', args: ['eks', 'get-token'] } }

const provider = (name: string, config: object) => ({ 'auth-provider': { name, config } })

test.each([
  plugin,
  provider('gcp', { 'cmd-path': '/bin/sh' }),
  provider('azure', { 'cmd-path': '/bin/sh' }),
  provider('oidc', { 'idp-issuer-url': 'https://issuer.example' }),
  // Beside a token as well: the client would take the plugin's.
  { token: 't', ...plugin },
])('T55 a kubeconfig that runs a program is refused, with what to do instead', (user) => {
  const file = kubeconfig(user)
  const words = /running a program.*tokenFile.*allowExecPlugins/
  expect(() => kubeConfigFor({ name: 'staging', kubeconfig: file })).toThrow(words)
  expect(() => kubeConfigFor({ name: 'staging', kubeconfig: file, allowExecPlugins: false })).toThrow(words)
  expect(kubeConfigFor({ name: 'staging', kubeconfig: file, allowExecPlugins: true })).toBeDefined()
})

test('a kubeconfig whose user has nothing to show is taken: the cluster refuses it, or lets anybody read', () => {
  expect(kubeConfigFor({ name: 'staging', kubeconfig: kubeconfig(undefined) }).getCurrentUser()?.token).toBeUndefined()
})

test.each<[string, () => ClusterAccess, RegExp]>([
  ['no file', () => ({ name: 'staging', kubeconfig: join(dir, 'none') }), /cannot be read/],
  [
    'another context',
    () => ({ name: 'staging', kubeconfig: kubeconfig({}), context: 'prod' }),
    /no context prod; it has staging/,
  ],
  ['no address', () => ({ name: 'staging', server: 'staging' }), /write an address/],
  ['a token in the clear', () => ({ name: 'staging', server: 'http://10.0.0.1', token: 't' }), /unencrypted/],
  [
    'a kubeconfig with a token in the clear',
    () => ({ name: 'staging', kubeconfig: kubeconfig({ token: 't' }, 'http://10.0.0.1') }),
    /unencrypted/,
  ],
])('%s is refused with words that help', (_, access, words) => {
  expect(() => kubeConfigFor(access())).toThrow(words)
})

test('TLS verification is never switched off', () => {
  const config = kubeConfigFor({ name: 'staging', server: 'https://10.0.0.1:6443', token: 't' })
  expect(config.getCurrentCluster()?.skipTLSVerify).toBe(false)
})
