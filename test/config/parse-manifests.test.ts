import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDiagnostic, formatDiagnosticsAsMarkdown } from '../../src/config/format-diagnostic.ts'
import { parseManifests } from '../../src/config/parse-manifests.ts'
import { formatDuration, parseDuration } from '../../src/gates/durations.ts'
import { application, complaints, configOf, environment, header, parse, publicKey } from './manifests.ts'

const gates = (...written: readonly string[]) => ({ gates: `\n${written.map((gate) => `    - ${gate}`).join('\n')}` })
const first = (...documents: readonly string[]) => {
  const [diagnostic] = parse(...documents).diagnostics
  if (diagnostic === undefined) throw new Error('nothing is wrong')
  return diagnostic
}

describe('manifests that are right', () => {
  test('make a config with every default spelled out', () => {
    const staging = configOf(environment('staging')).environments.get('staging')
    expect(staging).toEqual({
      ...{ name: 'staging', overlay: 'apps/{application}/overlays/staging', applications: null, renderAs: 'kustomize' },
      ...{ guards: [], promotesFrom: [], merge: 'manual', entry: 'manual', inFlight: 5, delivery: [{ type: 'none' }] },
      health: { settle: 30_000, confirm: 120_000, deadline: 900_000, watch: 1_800_000 },
      rollback: { when: 'propose', by: [], breaker: { reverts: 2, within: 900_000 } },
      gates: [
        { type: 'state', name: 'state', binds: ['promotion', 'edit', 'rollback'] },
        { type: 'forge', name: 'forge', binds: ['promotion', 'edit', 'rollback'] },
      ],
    })
  })

  test('get an upstream gate with a soak of ten minutes where they promote and write none', () => {
    const config = configOf(environment('dev'), environment('staging', { promotesFrom: '[dev]' }))
    expect(config.environments.get('staging')?.gates.map(({ name }) => name)).toEqual(['state', 'upstream', 'forge'])
    expect(config.environments.get('staging')?.gates[1]).toMatchObject({ type: 'upstream', soak: 600_000 })
  })

  test('keep their own upstream gate', () => {
    const own = { promotesFrom: '[dev]', ...gates('{ name: soaked, type: upstream, soak: 1h30m }') }
    const config = configOf(environment('dev'), environment('staging', own))
    expect(config.environments.get('staging')?.gates[1]).toMatchObject({ name: 'soaked', soak: 5_400_000 })
    expect(config.environments.get('staging')?.gates).toHaveLength(3)
  })

  test('render as their delivery consumes them', () => {
    const flux = { delivery: '[{ type: flux, kustomization: "flux-system/{application}", cluster: one }]' }
    expect(configOf(environment('dev', flux)).environments.get('dev')).toMatchObject({
      renderAs: 'flux',
      delivery: [{ type: 'flux', cluster: 'one', namespace: 'flux-system', name: '{application}' }],
    })
  })

  test('may put applications into one overlay that are told apart by what they promote', () => {
    const config = configOf(
      environment('dev', { overlay: 'apps/dev', applications: '[api, web, jobs]' }),
      application('api', { promotes: '{ images: [acme/api], files: [api.yaml] }' }),
      application('web', {
        promotes: '{ images: [acme/web], files: [web.yaml], fields: [{ file: chart.yaml, path: a.b }] }',
      }),
      application('jobs', { promotes: '{ images: none, fields: [{ file: chart.yaml, path: a.c }] }' }),
    )
    expect(config.environments.get('dev')?.applications).toEqual(['api', 'web', 'jobs'])
  })

  test('carry the key of a signature gate with its text', () => {
    const signed = gates('{ name: signed, type: signature, images: ["ghcr.io/acme/*"], key: .sluice/keys/build.pub }')
    expect(configOf(environment('dev', signed)).environments.get('dev')?.gates[1]).toMatchObject({
      ...{ key: { path: '.sluice/keys/build.pub', pem: publicKey }, others: { allow: [] }, evidenceWithin: 900_000 },
    })
  })

  test('name the application of a shared overlay after the repository', () => {
    const files = new Map([['.sluice/a.yaml', environment('dev', { overlay: 'deploy/dev' })]])
    expect(parseManifests(files, { repositoryName: 'shop' }).config?.environments.get('dev')?.applications).toEqual([
      'shop',
    ])
    expect(parseManifests(files).diagnostics[0]?.code).toBe('config.missing-key')
  })

  test('may be empty, or hold only comments', () => {
    expect(parseManifests(new Map()).config?.environments.size).toBe(0)
    expect(parse('# nothing yet\n').config?.environments.size).toBe(0)
  })

  test('may end in the separators that templates leave behind', () => {
    expect([...configOf(environment('dev'), '', '# none\n', '').environments.keys()]).toEqual(['dev'])
  })
})

describe('a diagnostic', () => {
  test('points at the key, says what is allowed and what was probably meant', () => {
    const diagnostic = first(environment('dev', { promotsFrom: '[]' }))
    expect(formatDiagnostic(diagnostic)).toBe(
      [
        '.sluice/all.yaml:7:3: config.unknown-key',
        '  7 |   promotsFrom: []',
        '    |   ^^^^^^^^^^^',
        '  The key `promotsFrom` does not exist here. Allowed: overlay, applications, render, guards, promotesFrom, merge, ' +
          'entry, inFlight, gates, delivery, health, rollback. Did you mean promotesFrom?',
      ].join('\n'),
    )
  })

  test('comes with all others at once, in the order of the file', () => {
    const { diagnostics } = parse(environment('Dev', { merge: 'automatic', inFlight: 'many', colour: 'red' }))
    expect(diagnostics.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '3 config.wrong-value',
      '7 config.wrong-value',
      '8 config.wrong-type',
      '9 config.unknown-key',
    ])
  })

  test('of a broken file hides none of another', () => {
    const files = new Map([
      ['.sluice/a.yaml', 'a: [1,'],
      ['.sluice/b.yaml', environment('dev', { merge: 'always' })],
    ])
    const { config, diagnostics } = parseManifests(files)
    expect(config).toBeNull()
    expect(new Set(diagnostics.map(({ file }) => file))).toEqual(new Set(['.sluice/a.yaml', '.sluice/b.yaml']))
  })

  test('T26 stays text in Markdown', () => {
    const markdown = formatDiagnosticsAsMarkdown(parse(environment('dev', { '"```@acme\\u202E"': '1' })).diagnostics)
    const [fence = ''] = /^`+/.exec(markdown) ?? []
    expect(markdown.startsWith(`${fence}text\n`) && markdown.endsWith(`\n${fence}`)).toBe(true)
    expect(markdown.slice(fence.length, -fence.length)).not.toContain(fence)
    expect(markdown).not.toMatch(/[\u202e]/)
  })

  test('is shown at most fifty times', () => {
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`key${at}`, '1']))
    expect(formatDiagnosticsAsMarkdown(parse(environment('dev', many)).diagnostics)).toContain('and 30 more')
  })
})

describe('a file that is no YAML', () => {
  test.each([
    ['a tab', 'a:\n\tb: 1\n', 'Tabs are not allowed as indentation: YAML takes spaces'],
    ['a line too far right', 'a: 1\n  b: 2\n', 'No mapping can begin here'],
    ['a colon in a text', 'a: b: c\n', 'a text that holds a colon needs quotes'],
    ['a brace that stays open', 'a: { b: 1\nc: 2\n', 'A `{` or `[` above is not closed'],
    ['a line too far left', 'a:\n   b: 1\n  c: 2\n', 'The line begins at another column'],
    ['an open quote', 'a: "x\nb: 1\n', 'The text has no closing quote'],
    ['a key without a colon', 'a: 1\nb\nc: 2\n', 'This is no `key: value`'],
    ['an at sign', 'a: @ann\n', 'A value that begins with this sign needs quotes'],
    ['a placeholder without quotes', 'a: {application}/x\n', 'needs quotes around all of it'],
    ['a merge conflict', '<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> b\n', 'A merge conflict was left here'],
  ])('is told once, in words that help: %s', (_, text, says) => {
    const all = complaints(text)
    expect(all).toHaveLength(1)
    expect(all[0]).toMatch(/^config\.yaml: /)
    expect(all[0]).toContain(says)
  })

  test('tells each key that stands twice', () => {
    expect(complaints('a: 1\na: 2\nb: 1\nb: 2\n')).toEqual(Array(2).fill('config.duplicate: The key stands here twice'))
  })

  test('shows a tab as something to be seen', () => {
    expect(formatDiagnostic(first('a:\n\tb: 1\n'))).toContain('2 | →b: 1\n')
  })
})

describe('a mistake in one manifest', () => {
  test('says what a missing key takes', () => {
    expect(formatDiagnostic(first(environment('dev', { delivery: '' })))).toContain('is missing. It takes a list.')
  })

  test.each<[string, string, string]>([
    ['an unknown kind', header('Enviroment', 'dev'), 'config.unknown-kind: `Enviroment` stands here'],
    [
      'another version',
      environment('dev').replace('v1alpha1', 'v2'),
      'config.unknown-api-version: `sluice.dev/v2` stands here',
    ],
    ['a missing key', environment('dev', { delivery: '' }), 'config.missing-key: The key `delivery` is missing'],
    ['a slash in a name', environment('team/dev'), 'config.wrong-value: `team/dev` stands here'],
    ['the name all', environment('all', { overlay: 'apps/{application}' }), 'config.wrong-value: `all` stands here'],
    [
      'a path that climbs',
      environment('dev', { overlay: '../{application}' }),
      'config.wrong-value: `../{application}` stands here',
    ],
    [
      'a glob in an overlay',
      environment('dev', { overlay: '"apps/*/{application}"' }),
      'config.wrong-value: `apps/*/{application}` stands here',
    ],
    [
      'another placeholder',
      environment('dev', { overlay: 'a/{environment}' }),
      'config.wrong-value: `a/{environment}` stands here',
    ],
    [
      'two placeholders',
      environment('dev', { overlay: '"{application}/{application}"' }),
      'config.contradiction: {application} may stand in an overlay once',
    ],
    [
      'a duration without unit',
      environment('dev', { health: '{ settle: 30 }' }),
      'config.wrong-type: `30` stands here',
    ],
    [
      'a wild glob',
      environment('dev', { guards: '["*a*b*c*d*e*f*g*h*i"]' }),
      'config.wrong-value: `*a*b*c*d*e*f*g*h*i` stands here',
    ],
    [
      'a group with @',
      environment('dev', { rollback: '{ by: ["@acme/sre"] }' }),
      'config.wrong-value: `@acme/sre` stands here',
    ],
    [
      'a delivery object without namespace',
      environment('dev', { delivery: '[{ type: flux, kustomization: api, cluster: one }]' }),
      'config.wrong-value: `api` stands here',
    ],
    [
      'none beside another',
      environment('dev', { delivery: '[{ type: none }, { type: none }]' }),
      'config.contradiction: Delivery `none` means that nothing is watched, and stands alone',
    ],
    [
      'a revert of what cannot be seen',
      `${environment('dev')}---\n${environment('live', { promotesFrom: '[dev]', rollback: '{ when: unhealthy }' })}`,
      'config.contradiction: `unhealthy` needs a delivery that shows health; with `none` nothing is ever seen to fail',
    ],
    [
      'applications beside the placeholder',
      environment('dev', { applications: '[api]' }),
      'config.contradiction: The applications are those that {application} finds in `overlay`; `applications` is for an overlay without it',
    ],
    [
      'a settle beyond the deadline',
      environment('dev', { health: '{ settle: 1h }' }),
      'config.contradiction: `settle` must be shorter than `deadline`, or nothing ever becomes healthy in time',
    ],
    [
      'an unknown gate type',
      environment('dev', gates('{ name: a, type: aproval }')),
      'config.wrong-value: `aproval` stands here',
    ],
    ['a gate without type', environment('dev', gates('{ name: a }')), 'config.missing-key: The key `type` is missing'],
    [
      'an implied name',
      environment('dev', gates('{ name: state, type: manual, from: [ann] }')),
      'config.wrong-value: `state` stands here',
    ],
    [
      'an implied type',
      environment('dev', gates('{ name: a, type: forge }')),
      'config.wrong-value: `forge` stands here, a gate that Sluice adds to every environment by itself: leave it out',
    ],
    [
      'a gate name twice',
      environment('dev', gates('{ name: a, type: approvals }', '{ name: a, type: approvals }')),
      'config.duplicate: Another gate here is called `a`',
    ],
    [
      'I13 rollback under approvals',
      environment('dev', gates('{ name: a, type: approvals, binds: [rollback] }')),
      'config.wrong-value: `rollback` stands here',
    ],
    [
      'a soak without upstream',
      environment('dev', gates('{ name: a, type: upstream }')),
      'config.contradiction: This environment has no `promotesFrom`, so there is no upstream to judge',
    ],
    [
      'our own check as a gate',
      environment('dev', gates('{ name: a, type: checks, required: [sluice] }')),
      'config.contradiction: The check `sluice` is what the gates decide; it cannot be one of them',
    ],
    [
      'a key that is not there',
      environment('dev', gates('{ name: a, type: signature, images: ["ghcr.io/a"], key: .sluice/no.pub }')),
      'config.wrong-value: `.sluice/no.pub` stands here',
    ],
    [
      'an image without registry',
      environment('dev', gates('{ name: a, type: signature, images: [acme/api], key: .sluice/keys/build.pub }')),
      'config.wrong-value: `acme/api` stands here',
    ],
    [
      'a source that nobody says',
      environment(
        'dev',
        gates('{ name: a, type: signature, images: ["ghcr.io/{source}"], key: .sluice/keys/build.pub }'),
      ),
      'config.contradiction: {source} needs `source` in every Application; there is none',
    ],
    [
      'keyless',
      environment(
        'dev',
        gates('{ name: a, type: signature, images: ["ghcr.io/a"], key: .sluice/keys/build.pub, keyless: {} }'),
      ),
      'config.not-built-yet: Verification by issuer and identity is not built yet',
    ],
    [
      'commit-status',
      environment('dev', { delivery: '[{ type: commit-status }]' }),
      'config.not-built-yet: Delivery seen by commit statuses is not built yet',
    ],
    [
      'irreversible',
      application('api', { irreversible: '{ files: [db] }' }),
      'config.not-built-yet: Marking releases as irreversible is not built yet',
    ],
    ['owners as an owner', application('api', { owners: '[owners]' }), 'config.wrong-value: `owners` stands here'],
    [
      'an unknown verb',
      `apiVersion: sluice.dev/v1alpha1\nkind: Repository\nspec: { shortCommands: [rolback] }\n`,
      'config.wrong-value: `rolback` stands here',
    ],
  ])('%s is told', (_name, document, expected) => {
    expect(complaints(document)).toEqual([expected])
  })

  test.each(['attestation', 'policy', 'window', 'issues', 'version', 'http'])(
    'the gate %s is said to be not built yet',
    (type) => {
      expect(complaints(environment('dev', gates(`{ name: a, type: ${type} }`)))).toEqual([
        `config.not-built-yet: The gate \`${type}\` is not built yet`,
      ])
    },
  )

  test('a private key in place of a public one is told without its text', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'
    const signed = gates('{ name: a, type: signature, images: ["ghcr.io/a"], key: .sluice/k.pem }')
    const { diagnostics } = parseManifests(
      new Map([
        ['.sluice/a.yaml', environment('dev', signed)],
        ['.sluice/k.pem', key],
      ]),
    )
    expect(diagnostics.map(formatDiagnostic).join()).toMatch(/private key/)
    expect(diagnostics.map(formatDiagnostic).join()).not.toContain('c2VjcmV0')
  })
})

describe('a contradiction between manifests', () => {
  test.each<[string, string[], string]>([
    [
      'two environments of one name',
      [environment('dev'), environment('dev', { overlay: 'b/{application}' })],
      'config.duplicate: Environment `dev` is described already, at .sluice/all.yaml:3',
    ],
    [
      'two rules of one name',
      [application('api'), application('api')],
      'config.duplicate: Application `api` is described already, at .sluice/all.yaml:3',
    ],
    [
      'an upstream that is not there',
      [environment('staging'), environment('live', { promotesFrom: '[stagin]' })],
      'config.unknown-name: There is no environment `stagin`',
    ],
    [
      'one overlay for two',
      [environment('dev'), environment('live', { overlay: 'apps/{application}/overlays/dev' })],
      'config.contradiction: This can be the same folder as `apps/{application}/overlays/dev` of environment `dev`',
    ],
    [
      'an overlay that another finds',
      [environment('dev'), environment('live', { overlay: 'apps/api/overlays/dev', applications: '[api]' })],
      'config.contradiction: This can be the same folder as `apps/{application}/overlays/dev` of environment `dev`',
    ],
    [
      'two applications that promote all images of one overlay',
      [environment('dev', { overlay: 'apps/dev', applications: '[api, web]' })],
      'config.contradiction: `api` and `web` share this overlay, and both would promote its images: tell them apart by `promotes` of their Application manifests, such as `images: [name]`',
    ],
    [
      'an application that promotes all images beside one that names its own',
      [
        environment('dev', { overlay: 'apps/dev', applications: '[api, web]' }),
        application('api', { promotes: '{ images: [acme/api] }' }),
      ],
      'config.contradiction: `web` and `api` share this overlay, and both would promote its images: tell them apart by `promotes` of their Application manifests, such as `images: [name]`',
    ],
    [
      'one image of two applications in one overlay',
      [
        environment('dev', { overlay: 'apps/dev', applications: '[api, web]' }),
        application('*', { promotes: '{ images: [acme/api] }' }),
      ],
      'config.contradiction: `api` and `web` share this overlay, and both would promote the image `acme/api`: tell them apart by `promotes` of their Application manifests, such as `images: [name]`',
    ],
    [
      'a field of one application in a folder that travels with another',
      [
        environment('dev', { overlay: 'apps/dev', applications: '[api, web]' }),
        application('api', { promotes: '{ images: none, fields: [{ file: chart/values.yaml, path: image.tag }] }' }),
        application('web', { promotes: '{ images: none, trees: [chart] }' }),
      ],
      'config.contradiction: `web` and `api` share this overlay, and both would promote `chart/values.yaml#image.tag`: tell them apart by `promotes` of their Application manifests, such as `images: [name]`',
    ],
    [
      'merge where releases enter',
      [environment('dev', { merge: 'auto' })],
      'config.contradiction: `merge` is for promotions, and this environment has no `promotesFrom`: say `entry: auto` to merge what enters here, or name its upstream',
    ],
    [
      'a limit of promotions where releases enter',
      [environment('dev', { inFlight: '5' })],
      'config.contradiction: `inFlight` limits promotions, and this environment has no `promotesFrom`: take it out, or name its upstream',
    ],
    [
      'a revert by itself where releases enter',
      [
        environment('dev', {
          delivery: '[{ type: flux, kustomization: flux-system/api, cluster: one }]',
          rollback: '{ when: unhealthy, by: [owners] }',
        }),
      ],
      'config.contradiction: `when` is about failures that a promotion caused, and this environment has no `promotesFrom`: a person rolls back here, `by` says who',
    ],
    [
      'a breaker where releases enter',
      [environment('dev', { rollback: '{ breaker: { reverts: 3 } }' })],
      'config.contradiction: `breaker` stops promotions and reverts that happen by themselves, and this environment has no `promotesFrom`: there are none; take it out',
    ],
    [
      'a soak that an application asks for where releases enter',
      [
        environment('dev'),
        environment('live', { promotesFrom: '[dev]' }),
        application('api', { gates: '[{ name: a, type: upstream, environments: [live, dev] }]' }),
      ],
      'config.contradiction: `dev` has no `promotesFrom`, so there is no upstream to judge there: take it out of the list',
    ],
    [
      'an application of which nothing travels',
      [application('api', { promotes: '{ images: none }' })],
      'config.contradiction: Without images nothing travels here: name `trees`, `files` or `fields`, or take `images: none` out',
    ],
    [
      'new names without images',
      [application('api', { promotes: '{ images: none, files: [flags.yaml], renames: travel }' })],
      'config.contradiction: `renames` is about images, and `images: none` says that none travels: take one of the two out',
    ],
    [
      'entry behind another',
      [environment('dev'), environment('live', { promotesFrom: '[dev]', entry: 'auto' })],
      'config.contradiction: `entry` is for an environment that promotes from nowhere; this one has `promotesFrom`, and `merge` decides',
    ],
    [
      'a gate of one name in both',
      [
        environment('dev', gates('{ name: a, type: approvals }')),
        application('api', gates('{ name: a, type: approvals }')),
      ],
      'config.duplicate: A gate of dev (.sluice/all.yaml) is called `a`; an application only adds gates',
    ],
    [
      'a gate for no environment',
      [environment('dev'), application('api', gates('{ name: a, type: approvals, environments: [prod] }'))],
      'config.unknown-name: There is no environment `prod`',
    ],
  ])('%s is told', (_name, documents, expected) => {
    expect(complaints(...documents)).toEqual([expected])
  })

  test('a circle is told at each environment in it, and not behind it', () => {
    const told = complaints(
      environment('a', { promotesFrom: '[b]' }),
      environment('b', { promotesFrom: '[a]' }),
      environment('c', { promotesFrom: '[b]' }),
    )
    expect(told).toEqual([
      'config.cycle: The environments promote in a circle: a from b from a',
      'config.cycle: The environments promote in a circle: b from a from b',
    ])
  })

  test('a name that a broken manifest carries is known', () => {
    const told = complaints(environment('dev', { merge: 'no-idea' }), environment('live', { promotesFrom: '[dev]' }))
    expect(told).toEqual(['config.wrong-value: `no-idea` stands here'])
  })
})

describe('hostile YAML', () => {
  test.each(['no', 'on', 'Yes', '0777', '1e3', '12:30', '1_000', '2026-01-01', '0b11'])('T23 %s is a trap', (value) => {
    expect(parse(environment('dev', { merge: value })).diagnostics.map(({ code }) => code)).toContain(
      'config.yaml-trap',
    )
  })

  test.each<[string, string]>([
    ['an alias', 'a: &a [1]\nb: *a\n'],
    ['a tag', 'a: !!binary aGk=\n'],
    ['a merge key', 'a:\n  <<: { b: 1 }\n'],
    ['__proto__', '__proto__: { b: 1 }\n'],
    ['a key that is no word', '{ [1]: 2 }\n'],
    ['a list', '- a\n'],
    ['a key twice', 'a: 1\na: 2\n'],
  ])('T23 %s is refused', (_name, text) => {
    expect(parse(text).config).toBeNull()
  })

  test('T22 an alias bomb ends at once', () => {
    const levels = Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`)
    expect(parse(`a0: &a0 [x]\n${levels.join('\n')}\n`).config).toBeNull()
  })

  test('T22 20,000 levels end in a diagnostic', () => {
    expect(parse('['.repeat(20_000)).config).toBeNull()
    expect(parse(`${'- '.repeat(20_000)}a\n`).config).toBeNull()
  })

  test('T22 a file over the limit is not read', () => {
    expect(complaints(`# ${'x'.repeat(300_000)}\n`)).toEqual([
      'config.too-large: The file is longer than 262144 characters',
    ])
  })

  test('T22 what is wrong twenty thousand times is told a hundred times', () => {
    const keys = Array.from({ length: 8_000 }, (_, at) => `  k${at}: 1\n`).join('')
    expect(parse(`${environment('dev')}${keys}`).diagnostics).toHaveLength(100)
    expect(parse('a: 1\n'.repeat(8_000)).diagnostics.length).toBeLessThanOrEqual(101)
    expect(parse(`a:\n${'- yes\n'.repeat(8_000)}`).diagnostics.length).toBeLessThanOrEqual(101)
  })

  test('T22 more environments than anybody has are refused before each is compared with all', () => {
    const all = Array.from({ length: 501 }, (_, at) => environment(`e${at}`, { promotesFrom: '[nowhere]' }))
    const { diagnostics } = parse(...all)
    expect(diagnostics).toMatchObject([{ code: 'config.too-large', message: 'There are more than 500 environments' }])
  })

  test('T22 more values than anybody writes are not parsed', () => {
    const files = new Map(Array.from({ length: 8 }, (_, at) => [`.sluice/${at}.yaml`, `a: [${'a,'.repeat(20_000)}]\n`]))
    expect(parseManifests(files).diagnostics.at(-1)?.message).toContain('lines and commas')
  })

  test('a file that ends in .yml is told, since nobody would read it', () => {
    expect(parseManifests(new Map([['.sluice/a.yml', environment('dev')]])).diagnostics[0]?.code).toBe(
      'config.file-name',
    )
  })

  test('whatever stands in a file, the answer is a config or diagnostics with a place in it', () => {
    const lines = environment('dev', gates('{ name: a, type: approvals, from: [acme/sre] }')).split('\n')
    const noise = fc.constantFrom(
      '',
      '  ',
      '\t',
      ': ',
      '- ',
      '&a',
      '*a',
      '"',
      "'",
      '{',
      '}',
      '[',
      '|',
      '#',
      '\u0000',
      '\r',
      'é',
      '!!x',
      '<<: 1',
    )
    const edits = fc.array(fc.tuple(fc.nat(lines.length - 1), fc.nat(40), noise), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(edits, (some) => {
        const text = [...lines]
        for (const [at, column, what] of some)
          text[at] = `${text[at]?.slice(0, column)}${what}${text[at]?.slice(column)}`
        const { config, diagnostics } = parse(text.join('\n'))
        expect(config === null).toBe(diagnostics.length > 0)
        for (const { line, column, length, source } of diagnostics) {
          expect(line).toBeGreaterThan(0)
          expect(column + length - 1).toBeLessThanOrEqual(Math.max(source.length, column))
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('a duration', () => {
  test('is read as it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 31_536_000_000 }), (some) => {
        expect(parseDuration(formatDuration(some))).toBe(some)
      }),
    )
  })

  test.each(['', '10', 'm', '1m1h', '-1m', '1.5h', '400d', ' 1m'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})
