import { jsonSchemas } from '../config/json-schemas.ts'
import { nearest } from '../config/nearest.ts'
import { UserError } from '../domain/failures.ts'
import { type Cli, withExamples } from './cli.ts'
import { jsonText } from './terminal.ts'

/** `sluice schema`: the JSON Schema of manifests, for editors and for checks elsewhere. */
export function schemaCommand({ program, terminal }: Cli): void {
  const command = program
    .command('schema')
    .description('print the JSON Schema of manifests: of one kind, or of any')
    .argument('[kind]', kinds().join(', '))
    .action((kind?: string) => terminal.out(jsonText(schemaOf(kind))))
  withExamples(
    command,
    ['schema > sluice.schema.json', 'of any manifest; name it in `# yaml-language-server: $schema=…`'],
    ['schema environment', 'of one kind'],
  )
}

export function schemaOf(kind = 'any'): unknown {
  const wanted = kind.toLowerCase()
  const schema = jsonSchemas().get(wanted === 'any' ? 'sluice.json' : `${wanted}.json`)
  if (schema !== undefined && kinds().includes(wanted)) return schema
  const meant = nearest(kind, kinds())
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  throw new UserError(
    'schema.unknown-kind',
    `there is no kind ${JSON.stringify(kind)}; allowed: ${kinds().join(', ')}.${hint}`,
  )
}

const kinds = (): readonly string[] =>
  [...jsonSchemas().keys()].map((name) => name.replace('.json', '').replace('sluice', 'any'))
