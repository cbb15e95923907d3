import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applicationSettings } from '../../src/config/application-settings.ts'
import type { CheckedConfig, Environment } from '../../src/config/checked-config.ts'
import { deliveryOf } from '../../src/config/delivery-of.ts'
import { gateContextOf, gatesOf, guardGatesOf } from '../../src/config/gates-of.ts'
import { isGuardPath } from '../../src/config/guard-paths.ts'
import {
  applicationsIn,
  isMisnamed,
  misnamedAmong,
  overlayOf,
  overlayShape,
  slotsOfOverlayPath,
} from '../../src/config/overlay-paths.ts'
import { downstreamOf, firstEnvironments, inPromotionOrder } from '../../src/config/promotion-order.ts'
import { toInstant } from '../../src/domain/ids.ts'
import { application, configOf, environment } from './manifests.ts'

const environmentOf = (config: CheckedConfig, name: string): Environment => {
  const found = config.environments.get(name)
  if (found === undefined) throw new Error(`no environment ${name}`)
  return found
}
const signed =
  '[{ name: signed, type: signature, images: ["ghcr.io/{source}-{application}"], key: .sluice/keys/build.pub }]'

const config = configOf(
  environment('dev'),
  environment('staging', { promotesFrom: '[dev]', gates: '[{ name: ok, type: manual, from: [owners] }]' }),
  environment('live', {
    ...{ promotesFrom: '[staging]', guards: '[clusters/live/**]', gates: signed },
    delivery: '[{ type: argo-cd, application: "argocd/{application}-live", cluster: live }]',
  }),
  environment('shared', { overlay: 'deploy/shared', applications: '[web, api]' }),
  application('*', { source: 'Acme/{application}', owners: '["acme/team-{application}"]' }),
  application('web', { source: 'Acme/web', owners: '[acme/team-web]', promotes: '{ images: [acme/web] }' }),
  application('api', { source: 'Acme/api', owners: '[acme/team-api]', promotes: '{ images: [acme/api] }' }),
  application('api-*', { source: 'acme/apis', owners: '[ann]' }),
  application('api-v1', {
    ...{
      source: 'acme/old',
      gates: '[{ name: extra, type: approvals, environments: [live] }, { name: soaked, type: upstream, soak: 1h }]',
    },
  }),
)

describe('the rule of an application', () => {
  test.each([
    ['web', 'Acme/web', ['acme/team-web']],
    ['mail', 'Acme/mail', ['acme/team-mail']],
    ['api-v2', 'acme/apis', ['ann']],
    ['api-v1', 'acme/old', []],
  ])('of %s is the most specific one, filled in', (name, source, owners) => {
    expect(applicationSettings(config, name)).toMatchObject({ name, source, owners })
  })

  test('without a manifest lets digests travel, and nothing else', () => {
    const promotes = { images: 'all', trees: [], files: [], fields: [], renames: 'stay' }
    expect(applicationSettings(configOf(environment('dev')), 'web')).toMatchObject({
      owners: [],
      source: null,
      promotes,
    })
  })

  test('is found by its glob as a regular expression would find it', () => {
    const glob = fc
      .string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 6 })
      .filter((text) => !text.includes('**'))
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(glob, name, (pattern, text) => {
        const rules = configOf(application(pattern, { source: 'acme/found' }))
        const expected = new RegExp(`^${pattern.replaceAll('*', '[ab]*')}$`).test(text)
        expect(applicationSettings(rules, text).source === 'acme/found').toBe(expected)
      }),
    )
  })
})

describe('the gates of a slot', () => {
  const names = (of: string, where: string) =>
    gatesOf(config, { application: of, environment: where }).map(({ name }) => name)

  test('are those of the environment and what the application adds, forge last', () => {
    expect(names('web', 'live')).toEqual(['state', 'upstream', 'signed', 'forge'])
    expect(names('api-v1', 'live')).toEqual(['state', 'upstream', 'signed', 'extra', 'soaked', 'forge'])
    expect(names('api-v1', 'dev')).toEqual(['state', 'forge'])
    expect(names('web', 'nowhere')).toEqual([])
  })

  test('have the placeholders of their images filled in, in lower case', () => {
    const gate = gatesOf(config, { application: 'web', environment: 'live' }).find(({ name }) => name === 'signed')
    expect(gate).toMatchObject({ images: ['ghcr.io/acme/web-web'] })
  })

  test('are told the owners and the upstream environments', () => {
    const slot = { application: 'web', environment: 'live' }
    expect(gateContextOf(config, slot, toInstant(5))).toEqual({
      ...slot,
      upstream: ['staging'],
      owners: ['acme/team-web'],
      now: 5,
    })
  })

  test('T63 on a guard path are those of people, or one approval by somebody with maintain', () => {
    const guards = (name: string) => guardGatesOf(environmentOf(config, name))
    expect(guards('live').map(({ type }) => type)).toEqual(['state', 'approvals', 'forge'])
    expect(guards('live')[1]).toMatchObject({ count: 1, from: ['role:maintain'] })
    expect(guards('staging')[1]).toMatchObject({ name: 'ok', from: ['role:maintain'] })
  })
})

describe('paths', () => {
  test('T63 T64 of manifests, policies and delivery objects are guarded', () => {
    expect(isGuardPath(config, 'live', '.sluice/keys/build.pub')).toBe(true)
    expect(isGuardPath(config, 'live', 'policies/a/b.yaml')).toBe(true)
    expect(isGuardPath(config, 'live', 'clusters/live/apps/api.yaml')).toBe(true)
    expect(isGuardPath(config, 'dev', 'clusters/live/apps/api.yaml')).toBe(false)
    expect(isGuardPath(config, 'live', 'apps/api/base/x.yaml')).toBe(false)
  })

  test('T20 where an overlay would lie, under a name that no application has, are guarded', () => {
    expect(isGuardPath(config, 'live', 'apps/api.v2/overlays/live/kustomization.yaml')).toBe(true)
    expect(isGuardPath(config, 'live', 'apps/My_App/overlays/live')).toBe(true)
    expect(isGuardPath(config, 'live', 'apps/api.v2/overlays/live-eu/kustomization.yaml')).toBe(false)
    expect(isGuardPath(config, 'live', 'apps/api.v2/base/kustomization.yaml')).toBe(false)
    expect(isGuardPath(config, 'live', 'apps/api/overlays/live/kustomization.yaml')).toBe(false)
    expect(isMisnamed('{application}-live', 'Up-live/x.yaml')).toBe(true)
    expect(isMisnamed('{application}-live', 'up-live/x.yaml')).toBe(false)
    expect(isMisnamed('deploy/shared', 'deploy/shared/x.yaml')).toBe(false)
  })

  test('T24 by which Flux leaves files out are guarded, wherever they lie', () => {
    expect(isGuardPath(config, 'live', '.sourceignore')).toBe(true)
    expect(isGuardPath(config, 'dev', 'apps/api/overlays/live/.sourceignore')).toBe(true)
    expect(isGuardPath(config, 'live', 'apps/api/overlays/live/x.sourceignore')).toBe(false)
  })

  test('of overlays lead to their slots and back', () => {
    const live = environmentOf(config, 'live')
    expect(overlayOf(live, 'api')).toBe('apps/api/overlays/live')
    expect(slotsOfOverlayPath(config, 'apps/api/overlays/live')).toEqual(['api/live'])
    expect(slotsOfOverlayPath(config, 'deploy/shared')).toEqual(['web/shared', 'api/shared'])
    expect(slotsOfOverlayPath(config, 'apps/api/x/overlays/live')).toEqual([])
    expect(slotsOfOverlayPath(config, 'apps/API/overlays/live')).toEqual([])
  })

  test('T20 of folders whose names are no names hold no applications', () => {
    const live = environmentOf(config, 'live')
    expect(overlayShape(live.overlay)?.parent).toBe('apps')
    expect(applicationsIn(live, ['web', 'api', '..', '-rf', 'Up', 'a b'])).toEqual(['api', 'web'])
    expect(applicationsIn(environmentOf(config, 'shared'), [])).toEqual(['web', 'api'])
  })

  test('T20 of folders whose names are no names are told by those names', () => {
    const overlay = (path: string, ...folders: string[]) => misnamedAmong({ overlay: path }, folders)
    expect(overlay('apps/{application}/overlays/live', 'api', 'user_service', 'Web')).toEqual(['user_service', 'Web'])
    expect(overlay('svc-{application}-live', 'svc-api.v2-live', 'svc-api-live', 'docs_live')).toEqual(['api.v2'])
    expect(overlay('deploy/shared', 'A')).toEqual([])
  })

  test('may hold the placeholder within a folder name, and at the root', () => {
    const shape = overlayShape('{application}-live')
    expect(shape?.parent).toBe('')
    expect(shape?.nameOf('api-live')).toBe('api')
    expect(shape?.nameOf('api-dev')).toBeUndefined()
    expect(shape?.nameOf('-live')).toBeUndefined()
  })
})

describe('the order of environments', () => {
  test('begins where releases enter, and puts each after its upstream', () => {
    expect(firstEnvironments(config).map(({ name }) => name)).toEqual(['dev', 'shared'])
    expect(downstreamOf(config, 'dev').map(({ name }) => name)).toEqual(['staging'])
    const backwards = configOf(environment('live', { promotesFrom: '[dev]' }), environment('dev'))
    expect(inPromotionOrder(backwards).map(({ name }) => name)).toEqual(['dev', 'live'])
  })
})

test('delivery objects carry the name of the application', () => {
  expect(deliveryOf(environmentOf(config, 'live'), 'api')).toEqual([
    { type: 'argo-cd', cluster: 'live', namespace: 'argocd', name: 'api-live' },
  ])
})
