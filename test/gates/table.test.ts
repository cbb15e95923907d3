import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { configurableTypes } from '../../src/config/schema/gate.ts'
import type { Evidence } from '../../src/gates/evidence.ts'
import { allReasons, sentenceOf } from '../../src/gates/sentences.ts'
import { type GateSpec, gates, judgeGate, needsOf } from '../../src/gates/table.ts'
import {
  ago,
  change,
  context,
  evidence,
  isPending,
  isUnavailable,
  known,
  newRelease,
  person,
  quiet,
  sha,
} from './facts.ts'

const binds = ['promotion'] as const
const specs: readonly GateSpec[] = [
  { type: 'upstream', name: 'soaked', binds, soak: 1000 },
  { type: 'checks', name: 'tests', binds, required: [{ name: 'test', app: null, allowSkipped: false }] },
  { type: 'approvals', name: 'approved', binds, count: 1, from: [], separation: 'initiator' },
  {
    type: 'signature',
    name: 'signed',
    binds,
    images: ['ghcr.io/acme/*'],
    key: { path: 'k', pem: 'PEM' },
    others: { allow: [] },
    evidenceWithin: 1,
  },
  { type: 'manual', name: 'load test', binds, from: ['ann'] },
  { type: 'state', name: 'state', binds },
  { type: 'forge', name: 'forge', binds },
]
const byType = specs.map((spec) => [spec.type, spec] as const)

const good = evidence({
  upstream: () => {
    const healthy = { is: 'healthy', since: ago(9000) } as const
    const witnessed = [
      { release: newRelease.id, parts: newRelease.parts, failed: false, healthy: [{ from: ago(9000), until: null }] },
    ]
    return known([{ environment: 'staging', runs: newRelease, health: healthy, witnessed }], ago(500))
  },
  checks: () => known([{ name: 'test', app: 1, is: 'success', at: ago(9) }], ago(500)),
  reviews: () => known([{ by: person(2), is: 'approved', head: sha('1'), groups: ['role:write'] }], ago(500)),
  signature: () => known({ is: 'signed', firstAskedAt: ago(9) }, ago(500)),
  answers: () =>
    known(
      [
        {
          kind: 'answer',
          gate: 'load test',
          head: sha('1'),
          is: 'passed',
          by: 2,
          byLogin: 'ben',
          at: ago(9),
          why: '',
          event: 'e',
          slots: ['api/production'],
          groups: ['acme/sre'],
        },
      ],
      ago(500),
    ),
  state: () => known(quiet, ago(500)),
  rules: () => known([], ago(500)),
})

describe('every gate', () => {
  test('is tried here', () => {
    expect(specs.map(({ type }) => type)).toEqual(Object.keys(gates))
  })

  test.each(byType)('%s passes on good evidence, naming it and how old it is', (_type, spec) => {
    const verdict = judgeGate(spec, change(), good, context)
    expect(verdict).toMatchObject({ is: 'pass', gate: spec.name, type: spec.type, asOf: ago(500) })
    expect(verdict.evidence).toHaveLength(1)
    expect(sentenceOf(verdict)).not.toMatch(/[{}]/)
  })

  test.each(byType)('%s waits while its evidence is on the way, and while it cannot be had', (_type, spec) => {
    for (const found of [isPending, isUnavailable]) {
      const kind = needsOf(spec, change(), context)[0]?.kind
      const verdict = judgeGate(spec, change(), { find: () => found }, context)
      expect(verdict).toMatchObject({ is: 'wait', values: { kind } })
      expect(sentenceOf(verdict)).not.toMatch(/[{}]/)
    }
  })

  test.each(byType)('%s asks for what it then looks up', (_type, spec) => {
    const asked: unknown[] = []
    const find: Evidence['find'] = (kind, key) => {
      asked.push({ kind, key })
      return isPending
    }
    judgeGate(spec, change(), { find }, context)
    expect(asked).toEqual(needsOf(spec, change(), context))
  })

  test.each(byType)('%s has a page, which names each of its reason codes', async (type) => {
    const page = await readFile(new URL(`../../docs/gates/${type}.md`, import.meta.url), 'utf8')
    for (const code of Object.keys(gates[type].reasons)) expect(page).toContain(`\`${code}\``)
  })

  test('gives only codes of its own family, or shared ones, each with a sentence', async () => {
    for (const { type } of specs) {
      const source = await readFile(new URL(`../../src/gates/${type}.ts`, import.meta.url), 'utf8')
      const codes = [...source.matchAll(/'((?:[a-z]+\.)[a-z]+(?:-[a-z]+)*)'/g)].map(([, code = '']) => code)
      const listed = new Set(allReasons().map(({ code }) => code))
      for (const code of codes) expect(listed, `${type} gives ${code}`).toContain(code)
    }
  })

  test('may be written by hand unless Sluice alone adds it, and binds no rollback where I13 forbids it', () => {
    expect(configurableTypes()).toEqual(['upstream', 'checks', 'approvals', 'signature', 'manual'])
    const refusing = specs.filter(({ type }) => !gates[type].mayBindRollback).map(({ type }) => type)
    expect(refusing).toEqual(['upstream', 'approvals', 'signature'])
  })

  test('uses a signature that was proven, however old its read is', () => {
    const proven = { ...known({ is: 'signed', firstAskedAt: ago(9) } as const, ago(999_999)), mutable: false } as const
    const spec = specs.find(({ type }) => type === 'signature') ?? specs[0]
    if (spec === undefined) throw new Error('no signature gate')
    const verdict = judgeGate(spec, change(), evidence({ signature: () => proven }), context)
    expect(verdict).toMatchObject({ is: 'pass', asOf: context.now })
  })
})
