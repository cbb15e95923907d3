import type { Sha } from '../../domain/ids.ts'
import { encodeEvent, eventPath, snapshotOf, snapshotPath } from '../../state/event-files.ts'
import { messageWithMac } from '../../state/mac.ts'
import { stateReadme } from '../../state/readme.ts'
import { stateBranch } from '../branches.ts'
import type { EffectOf, Outcome } from '../effects.ts'
import { allEvents } from '../observe/state.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { severalAtOnce } from '../several-at-once.ts'

type Ports = Pick<RepositoryPorts, 'git' | 'repository' | 'stateKeys' | 'us' | 'now'>

/** One commit with all events of the round, pushed only onto the head that the round saw. Events that are there stay. */
export async function writeState(ports: Ports, effect: EffectOf<'write-state'>): Promise<Omit<Outcome, 'effect'>> {
  const { git } = ports
  const written = await severalAtOnce(effect.events, async (event) => {
    const path = eventPath(event)
    if (effect.expect !== null && (await git.entry(effect.expect, path)) !== undefined) return []
    return [[path, { oid: await git.writeBlob(encode(encodeEvent(event))) }] as const]
  })
  const edits = new Map<string, { readonly oid: Sha }>(written.flat())
  if (edits.size === 0) return { is: 'already-so' }
  if (effect.expect === null) edits.set('README.md', { oid: await git.writeBlob(encode(stateReadme)) })
  const tree = await git.writeTree(effect.expect, edits)
  return pushState(ports, { tree, expect: effect.expect, title: titleOf(effect) })
}

/** All events of the branch in one file, and their own files gone: the same state, faster to read. */
export async function compactState(
  ports: Ports,
  { expect }: EffectOf<'compact-state'>,
): Promise<Omit<Outcome, 'effect'>> {
  const { git } = ports
  const events = await allEvents(git, expect)
  const snapshot = await git.writeBlob(encode(snapshotOf(events)))
  const tree = await git.writeTree(
    expect,
    new Map([
      [snapshotPath, { oid: snapshot }],
      ['events', null],
    ]),
  )
  return pushState(ports, { tree, expect, title: `Put ${events.length} events into one file` })
}

interface Pushed {
  readonly tree: Sha
  readonly expect: Sha | null
  readonly title: string
}

async function pushState(ports: Ports, { tree, expect, title }: Pushed): Promise<Omit<Outcome, 'effect'>> {
  const { git, us, repository, stateKeys } = ports
  const parents = expect === null ? [] : [expect]
  const commit = await git.writeCommit({
    tree,
    parents,
    author: { name: us.botLogin, email: `${us.botId}+${us.botLogin}@users.noreply.github.com` },
    at: ports.now(),
    message: messageWithMac(title, stateKeys, { repository: repository.id, tree, parents, repair: null }),
  })
  const pushed = await git.push(stateBranch, commit, expect)
  return pushed === 'done' ? { is: 'done', why: commit } : { is: 'lost-race', why: 'the state branch moved' }
}

const titleOf = ({ events }: EffectOf<'write-state'>): string =>
  events.length === 1 ? `Record ${events[0]?.kind}` : `Record ${events.length} events`

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
