import { nearest } from '../nearest.ts'
import type { EnvironmentManifest } from '../schema/environment.ts'
import type { Rule, RuleProblem } from './rule.ts'

/** `promotesFrom` names environments that there are, each once. */
export const upstreamsExist: Rule = ({ environments, environmentNames }) =>
  environments.flatMap(({ document, checked }) =>
    checked.spec.promotesFrom.flatMap((name, at, all): readonly RuleProblem[] => {
      const place = { document, path: ['spec', 'promotesFrom', at], on: 'value' } as const
      if (all.indexOf(name) !== at)
        return [{ ...place, code: 'config.duplicate', message: `\`${name}\` stands here twice` }]
      if (environmentNames.includes(name)) return []
      const near = nearest(name, environmentNames)
      const message = `There is no environment \`${name}\``
      const words = { allowed: environmentNames.join(', '), ...(near === undefined ? {} : { nearest: near }) }
      return [{ ...place, code: 'config.unknown-name', message, ...words }]
    }),
  )

/** Following `promotesFrom` never comes back to where it began. */
export const noCircle: Rule = ({ environments }) => {
  const upstreams = new Map(environments.map(({ checked }) => [checked.metadata.name, checked.spec.promotesFrom]))
  const suspects = unordered(upstreams)
  return environments
    .filter(({ checked }) => suspects.has(checked.metadata.name))
    .flatMap(({ document, checked }) => {
      const circle = circleFrom(checked.metadata.name, upstreams)
      if (circle === undefined) return []
      const message = `The environments promote in a circle: ${circle.join(' from ')}`
      return [{ document, code: 'config.cycle', path: ['spec', 'promotesFrom'], on: 'key', message }]
    })
}

/** The names that no order puts after their upstreams: those in a circle, and those behind one. Linear. */
function unordered(upstreams: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const waiting = new Map([...upstreams].map(([name, from]) => [name, from.filter((one) => upstreams.has(one)).length]))
  const downstream = Map.groupBy(
    [...upstreams].flatMap(([name, from]) => from.map((one) => ({ name, one }))),
    ({ one }) => one,
  )
  const ready = [...waiting].filter(([, count]) => count === 0).map(([name]) => name)
  for (const name of ready) {
    waiting.delete(name)
    for (const { name: next } of downstream.get(name) ?? []) {
      const left = (waiting.get(next) ?? 0) - 1
      waiting.set(next, left)
      if (left === 0) ready.push(next)
    }
  }
  return new Set(waiting.keys())
}

/** The shortest way from a name back to itself. */
function circleFrom(start: string, upstreams: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const seen = new Set<string>()
  const ways: string[][] = [[start]]
  for (const way of ways) {
    for (const next of upstreams.get(way.at(-1) ?? '') ?? []) {
      if (next === start) return [...way, start]
      if (!seen.has(next)) ways.push([...way, next])
      seen.add(next)
    }
  }
  return undefined
}

/** Releases enter where nothing is promoted from; elsewhere `entry` would do nothing. */
export const entryOnlyFirst: Rule = ({ environments }) =>
  environments
    .filter(({ checked }) => checked.spec.entry !== undefined && checked.spec.promotesFrom.length > 0)
    .map(({ document }) => ({
      ...({ document, code: 'config.contradiction', path: ['spec', 'entry'], on: 'key' } as const),
      message:
        '`entry` is for an environment that promotes from nowhere; this one has `promotesFrom`, and `merge` decides',
    }))

/** Nothing is promoted into a first environment, so what says how promotions go there would be believed and do nothing. */
export const promotionKeysNotFirst: Rule = ({ environments }) =>
  environments
    .filter(({ checked }) => checked.spec.promotesFrom.length === 0)
    .flatMap(({ document, checked: { spec } }) =>
      inertWhereFirst.flatMap(({ path, isWritten, message }): readonly RuleProblem[] =>
        isWritten(spec) ? [{ document, code: 'config.contradiction', path, on: 'key', message }] : [],
      ),
    )

const first = 'this environment has no `promotesFrom`'
const inertWhereFirst: readonly {
  readonly path: readonly string[]
  readonly isWritten: (spec: EnvironmentManifest['spec']) => boolean
  readonly message: string
}[] = [
  {
    path: ['spec', 'merge'],
    isWritten: ({ merge }) => merge !== undefined,
    message: `\`merge\` is for promotions, and ${first}: say \`entry: auto\` to merge what enters here, or name its upstream`,
  },
  {
    path: ['spec', 'inFlight'],
    isWritten: ({ inFlight }) => inFlight !== undefined,
    message: `\`inFlight\` limits promotions, and ${first}: take it out, or name its upstream`,
  },
  {
    path: ['spec', 'rollback', 'when'],
    isWritten: ({ rollback }) => rollback.when !== undefined,
    message: `\`when\` is about failures that a promotion caused, and ${first}: a person rolls back here, \`by\` says who`,
  },
  {
    path: ['spec', 'rollback', 'breaker'],
    isWritten: ({ rollback }) => rollback.breaker !== undefined,
    message: `\`breaker\` stops promotions and reverts that happen by themselves, and ${first}: there are none; take it out`,
  },
]
