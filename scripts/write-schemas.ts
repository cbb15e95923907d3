/**
 * Writes what is generated: the JSON Schemas of manifests, the list of reason codes, and which tests prove what security.md
 * promises. With `--check` it writes nothing and fails where a file differs.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { jsonSchemas } from '../src/config/json-schemas.ts'
import { reasonsPage } from './reasons-page.ts'
import { securityPage } from './security-page.ts'

const root = new URL('../', import.meta.url)
const isCheck = process.argv.includes('--check')

const stale: string[] = []
for (const [path, text] of await generatedFiles()) {
  const file = fileURLToPath(new URL(path, root))
  if ((await readFile(file, 'utf8').catch(textOfMissing)) === text) continue
  stale.push(path)
  if (isCheck) continue
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
report()

async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const schemas = [...jsonSchemas()].map(
    ([name, schema]) => [`schemas/${name}`, `${JSON.stringify(schema, null, 2)}\n`] as const,
  )
  return new Map([...schemas, ['docs/reasons.md', reasonsPage()], ['docs/security.md', await securityPage(root)]])
}

function textOfMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}

function report(): void {
  const verb = isCheck ? 'stale, run `npm run schemas`' : 'written'
  for (const path of stale) process.stdout.write(`${path}: ${verb}\n`)
  if (isCheck && stale.length > 0) process.exitCode = 1
}
