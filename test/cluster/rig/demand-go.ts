import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { coerce, gte, rcompare } from 'semver'
import { RigUnavailable } from './rig-unavailable.ts'

/** Wrapper modules, one for each family of programs. */
export const modules = fileURLToPath(new URL('../modules/', import.meta.url))

/** Its version, as Go itself writes it. Rejects with RigUnavailable where there is none, or one that is too old to build everything. */
export async function demandGo(): Promise<string> {
  const needed = await neededGo()
  const found = await installedGo(needed)
  const version = coerce(found)
  if (version === null || !gte(version, needed))
    throw new RigUnavailable(`${needs(needed)} The one on PATH is ${found}. ${elseDoesWithout}`)
  return found
}

async function installedGo(needed: string): Promise<string> {
  try {
    // Newer toolchains are not fetched: what a module asks for must be there.
    return (await execa('go', ['env', 'GOVERSION'], { env: { GOTOOLCHAIN: 'local' } })).stdout.trim()
  } catch (cause) {
    throw new RigUnavailable(`${needs(needed)} There is none on PATH. ${elseDoesWithout}`, { cause })
  }
}

/** The newest that a wrapper module asks for. */
async function neededGo(): Promise<string> {
  const files = (await readdir(modules)).map((name) => join(modules, name, 'go.mod'))
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const [newest] = texts.flatMap((text) => /^go (\d+\.\d+\.\d+)$/m.exec(text)?.[1] ?? []).toSorted(rcompare)
  if (newest === undefined) throw new Error(`no module of ${modules} says which Go it needs`)
  return newest
}

const needs = (version: string): string =>
  `The cluster rig builds Kubernetes, Flux and Argo CD from source and needs Go ${version} or newer on PATH (https://go.dev/dl).`
const elseDoesWithout = 'Everything else does without: npm test, npm run demo.'
