import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import type { Found, SignatureFinding } from '../../src/gates/evidence.ts'
import type { SignatureSettings } from '../../src/gates/signature-settings.ts'
import { type GateSpecOf, judgeGate, needsOf } from '../../src/gates/table.ts'
import { renderedObjects } from '../../src/overlays/rendered-objects.ts'
import {
  ago,
  apiImage,
  change,
  context,
  digest,
  evidence,
  isPending,
  isUnavailable,
  known,
  now,
  object,
} from './facts.ts'

const minutes = 60_000
const gate = (differs: Partial<SignatureSettings> = {}): GateSpecOf<'signature'> => ({
  ...{ type: 'signature', name: 'signed', binds: ['promotion', 'edit'], images: ['ghcr.io/acme/api*'] },
  ...{ key: { path: '.sluice/keys/build.pub', pem: 'PEM' }, others: { allow: [] }, evidenceWithin: 15 * minutes },
  ...differs,
})
const running = (...images: readonly string[]): Partial<Change> => ({
  difference: { is: 'rendered', after: [object(images)], changed: [] },
})
const found = (is: SignatureFinding['is'], firstAskedAt = now): Found<SignatureFinding> => known({ is, firstAskedAt })
const judge = (
  answer: (image: string) => Found<SignatureFinding>,
  differs: Partial<Change> = {},
  settings: Partial<SignatureSettings> = {},
) => judgeGate(gate(settings), change(differs), evidence({ signature: ({ image }) => answer(image) }), context)
const saying = (...args: Parameters<typeof judge>) => {
  const { is, reason } = judge(...args)
  return `${is} ${reason}`
}
const envoy = `docker.io/envoyproxy/envoy@${digest('e')}`

describe('the gate signature', () => {
  test.each<[string, Found<SignatureFinding>, string]>([
    ['passes when it is signed', found('signed'), 'pass signature.signed'],
    ['T34 fails when another signed it', found('other-signer'), 'fail signature.other-signer'],
    ['T34 fails when it was signed for other content', found('other-digest'), 'fail signature.other-digest'],
    ['T34 fails when it was copied from elsewhere', found('other-repository'), 'fail signature.other-repository'],
    ['waits for a signature to appear', found('no-signature', ago(14 * minutes)), 'wait signature.not-yet'],
    ['T34 fails when none has appeared in time', found('no-signature', ago(15 * minutes)), 'fail signature.unsigned'],
    ['waits while it is being asked', isPending, 'wait evidence.pending'],
    ['waits while the registry is away', isUnavailable, 'wait evidence.unavailable'],
  ])('%s', (_name, answer, expected) => {
    expect(saying(() => answer)).toBe(expected)
  })

  test('says until when it waits', () => {
    expect(judge(() => found('no-signature', ago(5 * minutes))).nextLook).toBe(now + 10 * minutes)
  })

  test.each<[string, Partial<Change>, Partial<SignatureSettings>, string]>([
    ['T69 is blind where nothing has an image', running(), {}, 'fail gate.blind'],
    ['T69 is blind where no image matches', running(envoy), { others: { allow: [envoy] } }, 'fail gate.blind'],
    [
      'fails on an image that is neither matched nor allowed',
      running(apiImage, envoy),
      {},
      'fail signature.not-covered',
    ],
    [
      'passes an image that is allowed by digest',
      running(apiImage, envoy),
      { others: { allow: [envoy] } },
      'pass signature.signed',
    ],
    [
      'T40 knows an allowed image by another spelling',
      running(apiImage, `envoyproxy/envoy:v1@${digest('e')}`),
      { others: { allow: [envoy] } },
      'pass signature.signed',
    ],
    [
      'does not allow another digest',
      running(apiImage, `docker.io/envoyproxy/envoy@${digest('f')}`),
      { others: { allow: [envoy] } },
      'fail signature.not-covered',
    ],
    ['T33 fails on a tag', running('ghcr.io/acme/api:1.4.2'), {}, 'fail signature.no-digest'],
    [
      'T40 takes no other registry for ours',
      running(`evil.example/ghcr.io/acme/api@${digest('b')}`),
      {},
      'fail gate.blind',
    ],
    [
      'passes where the application is removed',
      { ...running(), release: { is: 'absent' }, difference: { is: 'rendered', after: [], changed: [] } },
      {},
      'pass signature.nothing-runs',
    ],
    [
      'fails on what cannot be rendered',
      {
        difference: {
          is: 'unsupported',
          problem: { reason: 'render.helm', file: 'kustomization.yaml', line: 3, detail: 'helmCharts' },
        },
      },
      {},
      'fail render.unsupported',
    ],
  ])('%s', (_name, differs, settings, expected) => {
    expect(saying(() => found('signed'), differs, settings)).toBe(expected)
  })

  test('T69 is blind where a HelmRelease hides its images, even beside images that are signed', () => {
    const after = [object([apiImage]), object([], 'HelmRelease', 'helm.toolkit.fluxcd.io/v2')]
    const verdict = judge(() => found('signed'), { difference: { is: 'rendered', after, changed: [] } })
    expect(verdict).toMatchObject({ is: 'fail', reason: 'gate.blind' })
  })

  test.each([
    ['spec: { image: "evil.io/otel:latest" }', 'signature.no-digest', 'evil.io/otel:latest'],
    [`spec: { imageName: "evil.io/pg@${digest('f')}" }`, 'signature.not-covered', 'evil.io/pg'],
    ['spec: { image: { repository: evil.io/otel } }', 'gate.blind', 'OpenTelemetryCollector otel (its spec.image'],
    ['spec: { image: otel }', 'gate.blind', 'OpenTelemetryCollector otel (its spec.image'],
  ])('T24 T69 does not pass a signed workload beside a custom resource with %s', (spec, reason, named) => {
    const custom = `apiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata: { name: otel }\n${spec}\n`
    const rendering = renderedObjects('o', custom)
    if (rendering.is !== 'rendered') throw new Error(rendering.problem.detail)
    const after = [object([apiImage]), ...rendering.objects]
    const verdict = judge(() => found('signed'), { difference: { is: 'rendered', after, changed: [] } })
    expect(verdict).toMatchObject({ is: 'fail', reason })
    expect(JSON.stringify(verdict)).toContain(named)
  })

  test('T33 T40 asks once for each digest, by its full name without the tag', () => {
    const differs = running(`ghcr.io/acme/api:1.4.2@${digest('b')}`, apiImage)
    expect(needsOf(gate(), change(differs), context)).toEqual([
      { kind: 'signature', key: { image: apiImage, publicKey: 'PEM' } },
    ])
  })

  test('passes only where every matching image is signed', () => {
    const answers = fc.array(fc.constantFrom<SignatureFinding['is'][]>('signed', 'no-signature', 'other-signer'), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(answers, fc.nat(30), (standings, age) => {
        const images = standings.map((_is, at) => `ghcr.io/acme/api-${at}@${digest('b')}`)
        const answer = (image: string) => found(standings[images.indexOf(image)] ?? 'no-signature', ago(age * minutes))
        expect(judge(answer, running(...images)).is === 'pass').toBe(standings.every((is) => is === 'signed'))
      }),
    )
  })
})
