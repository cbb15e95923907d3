import type { SandboxForge } from '../../src/sandbox/forge/start-forge.ts'
import { pause } from './measure.ts'

export type Call = ReturnType<SandboxForge['calls']>[number]

/** As the forge's quota counts content. */
const creating = [
  'checks/create',
  'git/create-ref',
  'issues/create-comment',
  'pulls/create',
  'reactions/create-for-issue-comment',
]

/** What Sluice asked of the forge's API since then; git, people and the cluster's controllers left out. */
export const apiCalls = (forge: SandboxForge, from = 0): readonly Call[] =>
  ours(forge, from).filter(({ operation }) => !operation.startsWith('git-'))

export const gitCalls = (forge: SandboxForge, from: number): readonly Call[] =>
  ours(forge, from).filter(({ operation }) => operation.startsWith('git-'))

const ours = (forge: SandboxForge, from: number): readonly Call[] =>
  forge
    .calls()
    .slice(from)
    .filter(({ actor }) => actor === forge.app.botLogin || actor === theApp)

/** How the forge names the App where it asks by its own key: for its installations and for tokens. */
const theApp = 'the App itself'

/** Tokens are made anew once an hour and change nothing that anybody sees. */
export const isWrite = ({ method, operation }: Call): boolean =>
  method !== 'GET' && operation !== 'apps/create-installation-access-token'
export const isCreation = ({ operation }: Call): boolean => creating.includes(operation)
export const isCounted = ({ status }: Call): boolean => status !== 304

/** `pulls/merge 3, checks/create 2`: what the calls were, most frequent first. */
export function tally(calls: readonly Call[]): string {
  const counted = Map.groupBy(calls, ({ operation }) => operation)
  return [...counted]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([operation, same]) => `${operation} ${same.length}`)
    .join(', ')
}

/** Resolves when Sluice asked nothing for so long. */
export async function quiet(forge: SandboxForge, seconds: number, within = 60): Promise<void> {
  const deadline = Date.now() + within * 1000
  while (Date.now() < deadline) {
    const last = ours(forge, 0).at(-1)
    if (last !== undefined && Date.now() - last.at > seconds * 1000) return
    await pause(100)
  }
}
