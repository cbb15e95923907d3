/** A file of an overlay; what is no plain file says which mode Git gives it. */
export type HostileFile = string | { readonly mode: '120000' | '160000'; readonly text: string }

/** What somebody put into the folder of an overlay, and the verdict that it has to end in. */
export interface HostileOverlay {
  readonly id: 'T18' | 'T19' | 'T20' | 'T21' | 'T22'
  readonly name: string
  /** By path below the overlay's folder. */
  readonly files: Readonly<Record<string, HostileFile>>
  /** The reason codes that it may be denied with; kustomize and we may be the first to have enough of a bomb. */
  readonly reasons: readonly [string, ...string[]]
}

/** `listener`: an address of this machine, on which a test counts who comes. */
export function hostileOverlays(listener: string): readonly HostileOverlay[] {
  return [...remote(listener), ...outside, ...strangeFiles, ...strangeKeys, ...bombs()]
}

const own = 'kustomization.yaml'
const linkTo = (text: string) => ({ mode: '120000', text }) as const

const remote = (listener: string): readonly HostileOverlay[] =>
  [
    ['the metadata of a cloud', 'resources: ["http://169.254.169.254/latest/meta-data"]'],
    ['a file of a server that is there', `resources: ["${listener}/base.yaml"]`],
    ['a repository that takes an hour to answer', `resources: ["${listener}/base?timeout=1h"]`],
    ['a repository by Git address', `resources: ["git::${listener}/base.git"]`],
    ['a repository as scp writes it', 'resources: ["git@127.0.0.1:acme/base.git"]'],
    ['a repository of the one host that kustomize knows', 'resources: [github.com/acme/base]'],
    ['a component from afar', `components: ["${listener}/component"]`],
    ['a patch from afar', `patches: [{ path: "${listener}/patch.yaml" }]`],
    ['a file for a ConfigMap from afar', `configMapGenerator: [{ name: a, files: ["k=${listener}/file"] }]`],
  ].map(([name = '', text = '']) => ({ id: 'T18', name, files: { [own]: text }, reasons: ['render.remote-base'] }))

const outside: readonly HostileOverlay[] = [
  ['a folder above the repository', 'resources: [../../../../../etc]'],
  ['an absolute path', 'resources: [/etc/passwd]'],
  ['a file above the repository', 'configMapGenerator: [{ name: a, files: [../../../../../etc/passwd] }]'],
].map(([name = '', text = '']) => ({
  id: 'T19',
  name,
  files: { [own]: text },
  reasons: ['render.outside-repository'],
}))

const strangeFiles: readonly HostileOverlay[] = (
  [
    ['a link to our environment', 'resources: [link]', { link: linkTo('/proc/self/environ') }, 'render.symlink'],
    ['a link to a folder', 'resources: [dir/a.yaml]', { dir: linkTo('/etc') }, 'render.symlink'],
    [
      'a submodule',
      'resources: [module]',
      { module: { mode: '160000', text: '0'.repeat(39).concat('1') } },
      'render.submodule',
    ],
    ['twins in case', 'resources: [a.yaml, A.yaml]', { 'a.yaml': 'a: b', 'A.yaml': 'a: b' }, 'render.bad-name'],
    ['a name that is an option', 'resources: ["-rf"]', { '-rf': 'a: b' }, 'render.bad-name'],
    ['a name of two lines', 'resources: ["a\\nb"]', { 'a\nb': 'a: b' }, 'render.bad-name'],
  ] as const
).map(([name, text, files, reason]) => ({ id: 'T20', name, files: { [own]: text, ...files }, reasons: [reason] }))

const strangeKeys: readonly HostileOverlay[] = (
  [
    ['a Helm chart', 'helmCharts: [{ name: nginx, repo: "http://127.0.0.1" }]', {}, 'render.helm'],
    ['a plugin that runs something', 'generators: [plugin.yaml]', { 'plugin.yaml': execPlugin() }, 'render.plugin'],
    ['a function in a container', 'transformers: [function.yaml]', { 'function.yaml': krmFunction() }, 'render.plugin'],
    ['a validator', 'validators: [plugin.yaml]', { 'plugin.yaml': execPlugin() }, 'render.plugin'],
    ['another schema of the API', 'openapi: { path: schema.json }', { 'schema.json': '{}' }, 'render.unsupported-key'],
    ['a key of tomorrow', 'imposters: [a.yaml]', { 'a.yaml': 'a: b' }, 'render.unsupported-key'],
    ['two kustomizations', 'resources: []', { Kustomization: 'resources: [a.yaml]' }, 'render.two-kustomizations'],
  ] as const
).map(([name, text, files, reason]) => ({ id: 'T21', name, files: { [own]: text, ...files }, reasons: [reason] }))

function execPlugin(): string {
  return 'apiVersion: acme.dev/v1\nkind: Evil\nmetadata:\n  name: evil\n  annotations:\n    config.kubernetes.io/function: "exec: { path: ./evil.sh }"\n'
}

function krmFunction(): string {
  return 'apiVersion: acme.dev/v1\nkind: Evil\nmetadata:\n  name: evil\n  annotations:\n    config.kubernetes.io/function: "container: { image: acme/evil }"\n'
}

const bombs = (): readonly HostileOverlay[] =>
  (
    [
      ['aliases that multiply', { [own]: aliasBomb() }, ['render.too-large']],
      ['lists within lists', { [own]: `metadata: ${'['.repeat(20_000)}${']'.repeat(20_000)}` }, ['render.too-large']],
      ['a kustomization of 3 MB', { [own]: `# ${'x'.repeat(3_000_000)}\n` }, ['render.too-large']],
      ['bases that multiply', fanOut(10, 10), ['render.too-large']],
      ['bases in a long line', chain(40), ['render.too-large']],
      ['bases in a circle', { [own]: 'resources: [a]', 'a/kustomization.yaml': 'resources: [..]' }, ['render.cycle']],
      ['three thousand files', manyFiles(3_000), ['render.too-large']],
      [
        'a resource of 64 MB',
        { [own]: 'resources: [a.yaml]', 'a.yaml': `# ${' '.repeat(64 << 20)}\n` },
        ['render.too-large'],
      ],
      [
        'aliases that multiply in a resource',
        { [own]: 'resources: [a.yaml]', 'a.yaml': resourceBomb() },
        ['render.failed', 'render.too-costly'],
      ],
      [
        'lists within lists in a resource',
        { [own]: 'resources: [a.yaml]', 'a.yaml': `${configMap()}data: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n` },
        ['render.failed', 'render.too-costly'],
      ],
    ] as const
  ).map(([name, files, reasons]) => ({ id: 'T22', name, files, reasons }))

const configMap = (): string => 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n'

const aliasBomb = (): string =>
  `a0: &a0 [x]\n${Array.from({ length: 24 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`).join('\n')}\n`

function resourceBomb(): string {
  const levels = Array.from({ length: 9 }, (_, n) => `  l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}]`).join('\n')
  return `${configMap()}data:\n  l0: &l0 [x, x, x]\n${levels}\n`
}

function manyFiles(count: number): Readonly<Record<string, string>> {
  const names = Array.from({ length: count }, (_, n) => `r${n}.yaml`)
  return {
    [own]: `resources: [${names.join(', ')}]`,
    ...Object.fromEntries(names.map((name) => [name, 'a: b'])),
  }
}

/** Each level names each folder of the next: few files, ten to the tenth loads. */
function fanOut(levels: number, width: number): Readonly<Record<string, string>> {
  const files: Record<string, string> = {}
  const names = (level: number) => Array.from({ length: width }, (_, n) => `l${level}x${n}`)
  files[own] = `resources: [${names(1).join(', ')}]`
  for (let level = 1; level < levels; level += 1) {
    const next = level === levels - 1 ? [] : names(level + 1).map((name) => `../${name}`)
    for (const name of names(level)) files[`${name}/${own}`] = `resources: [${next.join(', ')}]`
  }
  return files
}

const chain = (length: number): Readonly<Record<string, string>> => ({
  [own]: 'resources: [d0]',
  ...Object.fromEntries(
    Array.from({ length }, (_, n) => [
      `d${n}/${own}`,
      n === length - 1 ? 'resources: []' : `resources: [../d${n + 1}]`,
    ]),
  ),
})
