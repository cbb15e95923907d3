import type { GateSpec } from '../../gates/table.ts'
import type { ManifestDocument } from '../manifest-document.ts'
import type { Manifests } from '../manifests.ts'
import { nearest } from '../nearest.ts'
import type { Rule, RuleProblem } from './rule.ts'

interface Written {
  readonly document: ManifestDocument
  readonly gate: GateSpec
  readonly at: number
}

const writtenGates = ({ environments, applications }: Manifests): readonly Written[] =>
  [...environments, ...applications].flatMap(({ document, checked }) => {
    const gates: readonly GateSpec[] = checked.spec.gates
    return gates.map((gate, at) => ({ document, gate, at }))
  })

/** Where a gate is judged, its name is the only one of that name: commands and answers call it so. */
export const gateNamesDiffer: Rule = (manifests) => {
  const taken = new Map(
    manifests.environments.flatMap(({ document, checked }) =>
      checked.spec.gates.map(({ name }) => [name, `${checked.metadata.name} (${document.file})`] as const),
    ),
  )
  return [
    ...[...manifests.environments, ...manifests.applications].flatMap(({ document, checked }) =>
      checked.spec.gates.flatMap(({ name }, at, all) =>
        all.findIndex((gate) => gate.name === name) === at
          ? []
          : [sameName(document, at, `Another gate here is called \`${name}\``)],
      ),
    ),
    ...manifests.applications.flatMap(({ document, checked }) =>
      checked.spec.gates.flatMap(({ name }, at) =>
        taken.has(name)
          ? [
              sameName(
                document,
                at,
                `A gate of ${taken.get(name)} is called \`${name}\`; an application only adds gates`,
              ),
            ]
          : [],
      ),
    ),
  ]
}

const sameName = (document: ManifestDocument, at: number, message: string): RuleProblem => ({
  ...({ document, code: 'config.duplicate', path: ['spec', 'gates', at, 'name'], on: 'value' } as const),
  message,
})

/** `environments` of an application's gate names environments that there are. */
export const gateEnvironmentsExist: Rule = ({ applications, environmentNames }) =>
  applications.flatMap(({ document, checked }) =>
    checked.spec.gates.flatMap((gate, at) =>
      (gate.environments ?? []).flatMap((name, index) => {
        if (environmentNames.includes(name)) return []
        const near = nearest(name, environmentNames)
        const words = { allowed: environmentNames.join(', '), ...(near === undefined ? {} : { nearest: near }) }
        const path = ['spec', 'gates', at, 'environments', index]
        return [
          {
            document,
            code: 'config.unknown-name',
            path,
            on: 'value',
            message: `There is no environment \`${name}\``,
            ...words,
          },
        ]
      }),
    ),
  )

/** A soak needs an upstream environment to soak in. */
export const upstreamNeedsPromotesFrom: Rule = ({ environments }) =>
  environments
    .filter(({ checked }) => checked.spec.promotesFrom.length === 0)
    .flatMap(({ document, checked }) =>
      checked.spec.gates.flatMap((gate, at) =>
        gate.type === 'upstream'
          ? [
              {
                ...({
                  document,
                  code: 'config.contradiction',
                  path: ['spec', 'gates', at, 'type'],
                  on: 'value',
                } as const),
                message: 'This environment has no `promotesFrom`, so there is no upstream to judge',
              },
            ]
          : [],
      ),
    )

/** A soak that an application asks for everywhere binds where there is an upstream; where one is named, there must be one. */
export const addedSoakNeedsUpstream: Rule = ({ environments, applications }) => {
  const first = new Set(
    environments.flatMap(({ checked }) => (checked.spec.promotesFrom.length === 0 ? [checked.metadata.name] : [])),
  )
  return applications.flatMap(({ document, checked }) =>
    checked.spec.gates.flatMap((gate, at) =>
      (gate.type === 'upstream' ? (gate.environments ?? []) : []).flatMap((name, index): readonly RuleProblem[] => {
        if (!first.has(name)) return []
        const path = ['spec', 'gates', at, 'environments', index]
        const message = `\`${name}\` has no \`promotesFrom\`, so there is no upstream to judge there: take it out of the list`
        return [{ document, code: 'config.contradiction', path, on: 'value', message }]
      }),
    ),
  )
}

/** The check of our own waits for the gates: a gate that waited for it would wait for ever. */
export const checksAreOfOthers: Rule = (manifests) =>
  writtenGates(manifests).flatMap(({ document, gate, at }) =>
    gate.type !== 'checks'
      ? []
      : gate.required.flatMap(({ name }, index) =>
          name === 'sluice'
            ? [
                {
                  ...({
                    document,
                    code: 'config.contradiction',
                    path: ['spec', 'gates', at, 'required', index],
                    on: 'value',
                  } as const),
                  message: 'The check `sluice` is what the gates decide; it cannot be one of them',
                },
              ]
            : [],
        ),
  )

/** `{source}` is filled from the application's manifest, so each must say it. */
export const sourceIsKnown: Rule = (manifests) => {
  const lacking = manifests.applications.filter(({ checked }) => checked.spec.source === undefined)
  if (manifests.applications.length > 0 && lacking.length === 0) return []
  const who = lacking.map(({ checked }) => `\`${checked.metadata.name}\``).join(', ')
  return writtenGates(manifests).flatMap(({ document, gate, at }) =>
    gate.type !== 'signature' || !gate.images.some((glob) => glob.includes('{source}'))
      ? []
      : [
          {
            ...({ document, code: 'config.contradiction', path: ['spec', 'gates', at, 'images'], on: 'key' } as const),
            message: `{source} needs \`source\` in every Application${who === '' ? '; there is none' : `; ${who} has none`}`,
          },
        ],
  )
}
