import { expect, test } from 'vitest'
import { normalGitUrl } from '../../../src/adapters/delivery/git-url.ts'

test.each([
  'ssh://git@ssh.github.com:443/Acme/Config.git',
  'git@ssh.github.com:acme/config.git',
  'git@github.com:/acme/config',
  'git@GitHub.com:Acme/config.git/',
  'https://GitHub.com//acme/Config',
])('T46 %s is https://github.com/acme/config', (address) => {
  expect(normalGitUrl(address)).toBe('https://github.com/acme/config')
})

test.each([
  'https://ssh.github.com/acme/config',
  'ssh://git@ssh.github.com.evil.example:443/acme/config',
  'ssh://git@notssh.github.com/acme/config',
  'http://github.com/acme/config',
  'https://github.com:8443/acme/config',
  'https://github.com/acme/config/more',
  'https://github.com/acme-config',
  'https://github.com/evil/../acme%2Fconfig',
])('T46 %s is another', (address) => {
  expect(normalGitUrl(address)).not.toBe('https://github.com/acme/config')
})

test('files are told apart by case', () => {
  expect(normalGitUrl('file:///srv/Config.git')).toBe('file:///srv/Config')
})
