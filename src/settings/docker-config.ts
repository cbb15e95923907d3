import { join, resolve } from 'node:path'
import { z } from 'zod'
import { readFileOr } from './read-file.ts'

const shape = z.looseObject({
  auths: z.record(z.string(), z.looseObject({ auth: z.string().optional() })).default({}),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).default({}),
})

/** The folder, absolute, once its `config.json` can be used as it is; what is wrong with it joins the problems. */
export function readDockerConfig(folder: string | undefined, problems: string[]): string | null {
  if (folder === undefined) return null
  const file = join(resolve(folder), 'config.json')
  const content = readFileOr(file, (why) => problems.push(`SLUICE_DOCKER_CONFIG: ${why}`))
  if (content !== undefined) problems.push(...problemsIn(content).map((why) => `SLUICE_DOCKER_CONFIG: ${file} ${why}`))
  return resolve(folder)
}

/** Never with its text: it holds passwords. */
function problemsIn(content: string): readonly string[] {
  const { success, data } = shape.safeParse(jsonOr(content))
  if (!success) return ['is no Docker config.json: {"auths": {"ghcr.io": {"auth": "…"}}}']
  const helpers = [...(data.credsStore === undefined ? [] : [data.credsStore]), ...Object.values(data.credHelpers)]
  return helpers.length === 0
    ? []
    : [`leaves credentials to a helper program (${helpers[0]}), and Sluice runs none: put \`auth\` under \`auths\``]
}

function jsonOr(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined // no JSON: refused by the schema
  }
}
