import { describe, expect, test } from 'vitest'
import { parseManifests } from '../../src/config/parse-manifests.ts'
import { environment, publicKey } from '../config/manifests.ts'
import { allPages, blocksOf, type Page } from './pages.ts'

const pages = await allPages()
const fragments = ['gates', 'delivery', 'health', 'rollback']

describe('every manifest, and every part of one, in the documentation', () => {
  test.each(pages.flatMap(manifestsOf))('is right: %s', (_where, yaml) => {
    const files = new Map([
      ['.sluice/docs.yaml', yaml],
      ['.sluice/keys/build.pub', publicKey.toString()],
    ])
    expect(parseManifests(files, { repositoryName: 'shop' }).diagnostics).toEqual([])
  })
})

function manifestsOf(page: Page): readonly (readonly [string, string])[] {
  return blocksOf(page, 'yaml').flatMap(({ line, code }) => {
    const where = `${page.path}:${line}`
    if (code.includes('apiVersion: sluice.dev/')) return [[where, code] as const]
    const fragment = fragments.find((key) => code.startsWith(`${key}:`))
    return fragment === undefined ? [] : [[where, inEnvironment(fragment, code)] as const]
  })
}

/** As part of an environment that is right without it. */
function inEnvironment(fragment: string, code: string): string {
  const delivery = '[{ type: flux, kustomization: flux-system/live, cluster: one }]'
  const live = environment('live', { promotesFrom: '[dev]', delivery: fragment === 'delivery' ? '' : delivery })
  return `${environment('dev')}---\n${live}${code.replace(/^/gm, '  ').trimEnd()}\n`
}
