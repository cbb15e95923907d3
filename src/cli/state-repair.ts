import { OperatorError, TransientError, UserError } from '../domain/failures.ts'
import { type Instant, isSha, type Sha } from '../domain/ids.ts'
import { stateBranch } from '../promotion/branches.ts'
import type { RepositoryPorts } from '../promotion/repository-ports.ts'
import { encodeEvent, eventPath } from '../state/event-files.ts'
import { type StateEvent, stateEvent } from '../state/events.ts'
import { messageWithMac, type Repair } from '../state/mac.ts'
import { stateReadme } from '../state/readme.ts'
import { type Cli, withExamples } from './cli.ts'
import { findRepository } from './look.ts'
import { inspectState, type StateInspection } from './state-inspection.ts'
import { repositoryName } from './target.ts'
import { jsonText, plainText } from './terminal.ts'

/** `sluice state repair`: shows why the state branch is not believed, and signs what an operator has read and accepts. */
export function stateCommand({ program, terminal, world, end }: Cli): void {
  const command = program
    .command('state')
    .description('look after the branch sluice/state')
    .command('repair')
    .description('show why the state of a repository is not trusted; with --accept, sign what was read as it is')
    .argument('<owner/name>')
    .option(
      '--accept <sha>',
      'what you have read and accept: the head of sluice/state, `none` where it is gone, or the head of the default branch where its history was rewritten',
    )
    .option(
      '--in-place-of <sha>',
      'the lost state that this stands for, where it is not the one that the newest promotion names',
    )
    .option('--reason <text>', 'why it is right to go on with it; goes on record')
    .option('--json', 'print one JSON document')
    .action(async (word: string, options: RepairOptions) => {
      const name = repositoryName(word)
      if (name === null) throw new UserError('target.unknown', `${JSON.stringify(word)} is not owner/name`)
      const forge = await world.openForge(world.settings())
      try {
        const repository = await findRepository(forge, name)
        terminal.err(plainText(`fetching ${word} …`))
        const { ports, close } = await forge.open(repository, () => undefined)
        try {
          const found = await inspectState(ports)
          const written =
            options.accept === undefined || !needsRepair(found) ? null : await repair(ports, found, options)
          const report = { repository: word, ...found, written }
          terminal.out(options.json === true ? jsonText(report) : plainText(repairText(report)))
          end(needsRepair(found) && written === null ? 1 : 0)
        } finally {
          await close()
        }
      } finally {
        await forge.close()
      }
    })
  withExamples(
    command,
    ['state repair acme/config', 'say whether its state is trusted, and list what nobody of ours wrote'],
    [
      'state repair acme/config --accept 3f78… --reason "read by mo: a hand-made thaw"',
      'go on with that head as it is',
    ],
    [
      'state repair acme/config --accept none --reason "branch deleted by mistake"',
      'begin anew where the branch is gone',
    ],
  )
}

const needsRepair = ({ is }: StateInspection): boolean => is === 'untrusted' || is === 'rewritten'

interface RepairOptions {
  readonly accept?: string
  readonly inPlaceOf?: string
  readonly reason?: string
  readonly json?: boolean
}

/** What is signed, once it is clear that the operator has read just that. */
export interface Acceptance {
  readonly why: string
  /** Null where the branch itself is trusted. */
  readonly repair: Repair | null
}

/** Refuses what the operator cannot have read: another head than the present one, or no reason. Throws UserError `repair.*`. */
export function acceptanceOf(found: StateInspection, { accept = '', inPlaceOf, reason }: RepairOptions): Acceptance {
  const why = reason?.trim() ?? ''
  if (why === '') throw new UserError('repair.no-reason', 'say why with --reason "…": it goes on record')
  const wanted = toBeAccepted(found)
  const isMeant = accept === wanted || (accept.length >= 7 && wanted.startsWith(accept.toLowerCase()))
  if (!isMeant)
    throw new UserError(
      'repair.other-head',
      `--accept names ${JSON.stringify(accept)}; what is there now is ${wanted}: read that`,
    )
  if (inPlaceOf !== undefined && !isSha(inPlaceOf))
    throw new UserError('repair.in-place-of', '--in-place-of wants a whole commit id')
  if (found.brokenSnapshot)
    throw new UserError(
      'repair.snapshot',
      `snapshot.jsonl of ${wanted} cannot be read, and holds what is older: push the last commit that Sluice wrote (${found.lastOurs ?? 'not known'}) back to ${stateBranch}`,
    )
  return { why, repair: found.is === 'rewritten' ? null : { accepts: found.head, inPlaceOf: inPlaceOf ?? found.lost } }
}

const toBeAccepted = ({ is, head, base }: StateInspection): string => (is === 'rewritten' ? base : (head ?? 'none'))

/** One commit with one event; where the branch begins anew, or history does, also where the audit goes on from. */
function eventsOf(found: StateInspection, { repair, why }: Acceptance, at: Instant): readonly StateEvent[] {
  const { head, base } = found
  const accepted = stateEvent({
    kind: 'repair',
    at,
    accepts: repair?.accepts ?? null,
    inPlaceOf: repair?.inPlaceOf ?? null,
    why,
  })
  const audited = stateEvent({ kind: 'audited', at, commit: base })
  if (found.is === 'rewritten') return [accepted, audited]
  return head === null ? [accepted, stateEvent({ kind: 'genesis', at, base }), audited] : [accepted]
}

async function repair(ports: RepositoryPorts, found: StateInspection, options: RepairOptions): Promise<Sha> {
  const { git, us, repository, stateKeys, now } = ports
  const accepted = acceptanceOf(found, options)
  const at = now()
  const bytes = (text: string) => git.writeBlob(new TextEncoder().encode(text))
  const edits = new Map<string, { readonly oid: Sha } | null>(found.unreadable.map(({ path }) => [path, null]))
  for (const event of eventsOf(found, accepted, at))
    edits.set(eventPath(event), { oid: await bytes(encodeEvent(event)) })
  if (found.head === null) edits.set('README.md', { oid: await bytes(stateReadme) })
  const tree = await git.writeTree(found.head, edits)
  const parents = found.head === null ? [] : [found.head]
  const facts = { repository: repository.id, tree, parents, repair: accepted.repair }
  const commit = await git.writeCommit({
    tree,
    parents,
    author: { name: us.botLogin, email: `${us.botId}+${us.botLogin}@users.noreply.github.com` },
    at,
    message: messageWithMac('Accept what an operator has read', stateKeys, facts),
  })
  if ((await git.push(stateBranch, commit, found.head)) === 'lost-race')
    throw new TransientError('repair.moved', `${stateBranch} moved while you read it: look at it again`)
  const after = await inspectState(ports)
  if (after.is !== 'trusted')
    throw new OperatorError(
      'repair.incomplete',
      `it was signed as ${commit}, and is still not trusted: ${after.detail}`,
    )
  return commit
}

export interface RepairReport extends StateInspection {
  readonly repository: string
  readonly written: Sha | null
}

export function repairText(report: RepairReport): string {
  const { repository, head, is, detail, unreadable, written } = report
  const where = `${repository}, ${stateBranch} at ${head?.slice(0, 12) ?? 'nothing: the branch is gone'}`
  if (is === 'trusted') return `${where}: trusted, nothing to repair`
  if (is === 'new') return `${where}: there never was one; Sluice makes it when it first looks at the repository`
  return [
    `${where}: ${is === 'rewritten' ? 'trusted, but the history of the default branch was rewritten' : 'not trusted'}`,
    ...(detail === null ? [] : [detail]),
    ...lossLines(report),
    ...report.foreign.map(foreignText),
    ...(unreadable.length === 0
      ? []
      : [
          `Cannot be read, and would be left out:\n${unreadable.map(({ path, why }) => `  ${path}: ${why}`).join('\n')}`,
        ]),
    written === null
      ? `When you have read it and it is right to go on with it as it is:\n  sluice state repair ${repository} --accept ${toBeAccepted(report)} --reason "…"`
      : `Accepted, and signed as ${written}. Sluice goes on with the next look.`,
  ].join('\n\n')
}

function lossLines({ lost, lostHistory, base }: RepairReport): readonly string[] {
  if (lostHistory !== null)
    return [
      `The default branch (${base}) no longer holds ${lostHistory}, up to which it was audited, on its line of first parents. What was promoted and recorded in between may be gone: compare what runs with what the branch says.`,
    ]
  if (lost === null) return []
  return [
    `Lost: the state ${lost}, which the newest promotion was made with. Where a clone or the server's mirror still holds it, pushing it back to ${stateBranch} restores everything and needs no repair. Freezes, locks and quarantines that only it holds are not in force after a repair.`,
  ]
}

function foreignText({ oid, at, author, subject, files }: RepairReport['foreign'][number]): string {
  const changes = files.map(({ does, path, says }) => `  ${does} ${path}${says === null ? '' : `\n${indented(says)}`}`)
  return [`Not written by Sluice: ${oid}`, `  ${at} ${author}: ${subject}`, ...changes].join('\n')
}

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n')
