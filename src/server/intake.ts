import { z } from 'zod'
import { isSha, type Sha } from '../domain/ids.ts'
import type { Stale } from '../ports/stale.ts'

/** What a webhook event means to us. Nothing of its payload but ids, numbers and SHAs goes further. */
export type Intake =
  | {
      readonly is: 'stale'
      /** The name is for logs: who receives this finds the repository by id, among those that the API listed (T04). */
      readonly repository: { readonly id: number; readonly owner: string; readonly name: string }
      readonly installation: number
      readonly stale: readonly Stale[]
    }
  /** The App may work on other repositories than before. */
  | { readonly is: 'installations' }
  | { readonly is: 'ignored'; readonly why: string }

/** Our App, by whose ids we know the echoes of our own writes. */
export interface Self {
  readonly appId: number
  readonly botId: number
}

/**
 * Says which facts became stale. Pure, and never throws: an event that cannot be read is ignored, since the sweep finds
 * whatever it told.
 */
export function intake(event: string, payload: unknown, self: Self): Intake {
  if (installationEvents.includes(event)) return { is: 'installations' }
  const common = commonSchema.safeParse(payload)
  if (!common.success) return ignored('no repository, or no installation')
  const narrow = narrowers.get(event)
  if (narrow === undefined) return ignored(`nothing here depends on ${event}`)
  const narrowed = narrow(payload, { ...common.data, self })
  if (typeof narrowed === 'string') return ignored(narrowed)
  const { repository, installation } = common.data
  return {
    is: 'stale',
    repository: { id: repository.id, owner: repository.owner.login, name: repository.name },
    installation: installation.id,
    stale: narrowed,
  }
}

const ignored = (why: string): Intake => ({ is: 'ignored', why })

const installationEvents = ['installation', 'installation_repositories', 'installation_target', 'repository']

const account = z.object({ id: z.number() })
const commonSchema = z.object({
  action: z.string().optional(),
  installation: z.object({ id: z.number() }),
  repository: z.object({
    id: z.number(),
    name: z.string(),
    owner: z.object({ login: z.string() }),
    default_branch: z.string(),
  }),
  sender: account.optional(),
})

type Context = z.output<typeof commonSchema> & { readonly self: Self }
/** The stale facts, or why there are none. */
type Narrowed = readonly Stale[] | string
type Narrow = (payload: unknown, context: Context) => Narrowed

/** Reads the part of the payload that the event is about. */
const reading =
  <T>(schema: z.ZodType<T>, narrow: (part: T, context: Context) => Narrowed): Narrow =>
  (payload, context) => {
    const part = schema.safeParse(payload)
    return part.success ? narrow(part.data, context) : 'the payload is not as expected'
  }

const isOwn = ({ sender, self }: Context) => sender?.id === self.botId
const isAction = ({ action }: Context, ...actions: readonly string[]) =>
  action !== undefined && actions.includes(action)

const push = reading(z.object({ ref: z.string() }), ({ ref }, context) => {
  const branch = ref.replace(/^refs\/heads\//, '')
  if (branch === context.repository.default_branch) return [{ is: 'refs' }]
  if (!branch.startsWith('sluice/')) return 'a branch that nothing here depends on'
  if (isOwn(context)) return 'an echo of our own push'
  return branch === 'sluice/state' ? [{ is: 'state' }] : [{ is: 'refs' }]
})

const branchDeleted = reading(z.object({ ref: z.string(), ref_type: z.string() }), ({ ref, ref_type }, context) => {
  if (ref_type !== 'branch' || isOwn(context)) return 'nothing here depends on it'
  return ref === 'sluice/state' ? [{ is: 'state' }] : [{ is: 'refs' }, { is: 'pulls' }]
})

const pullSchema = z.object({
  pull_request: z.object({
    number: z.number(),
    merged: z.boolean().optional(),
    base: z.object({ ref: z.string() }),
  }),
  changes: z.object({ base: z.unknown().optional() }).optional(),
})

const pullActions = [
  'opened',
  'synchronize',
  'reopened',
  'closed',
  'edited',
  'ready_for_review',
  'converted_to_draft',
  'auto_merge_enabled',
  'auto_merge_disabled',
]

const pullRequest = reading(pullSchema, ({ pull_request: pull, changes }, context) => {
  if (!isAction(context, ...pullActions)) return 'an action that changes nothing here'
  // Its text is ours to write and nobody's to decide by; whoever opens, moves or closes one gets it looked at.
  if (isAction(context, 'edited') && isOwn(context)) return 'an echo of our own report'
  const movedBase = changes?.base !== undefined
  if (pull.base.ref !== context.repository.default_branch && !movedBase) return 'a pull request to another branch'
  const one: Stale = { is: 'pull', pull: pull.number }
  return pull.merged === true ? [one, { is: 'refs' }] : [one]
})

const review = reading(pullSchema, ({ pull_request: pull }, context) => {
  if (isOwn(context)) return 'an echo of our own'
  if (pull.base.ref !== context.repository.default_branch) return 'a pull request to another branch'
  return [{ is: 'pull', pull: pull.number }]
})

const comment = reading(
  z.object({ issue: z.object({ pull_request: z.unknown().optional() }) }),
  ({ issue }, context) => {
    if (issue.pull_request === undefined) return 'a comment on an issue'
    return isOwn(context) ? 'an echo of our own comment' : [{ is: 'comments' }]
  },
)

const sha = z.custom<Sha>((value) => typeof value === 'string' && isSha(value))
const checkOf = z.object({ head_sha: sha, app: account.nullish() })

const checkRun = reading(z.object({ check_run: checkOf }), ({ check_run: run }, context) => {
  const isOurs = run.app?.id === context.self.appId
  if (isOurs && !isAction(context, 'rerequested', 'requested_action')) return 'an echo of our own check'
  return [{ is: 'checks', head: run.head_sha }]
})

const checkSuite = reading(z.object({ check_suite: checkOf }), ({ check_suite: suite }, context) => {
  const isOurs = suite.app?.id === context.self.appId
  if (!isAction(context, 'rerequested') && (isOurs || !isAction(context, 'completed'))) {
    return 'nothing that has ended or was asked for'
  }
  return [{ is: 'checks', head: suite.head_sha }]
})

const status = reading(z.object({ sha }), ({ sha: head }) => [{ is: 'checks', head }])

const rules: Narrow = () => [{ is: 'everything' }]

/** One line per event that the App subscribes to. */
const narrowers: ReadonlyMap<string, Narrow> = new Map(
  Object.entries({
    push,
    delete: branchDeleted,
    pull_request: pullRequest,
    pull_request_review: review,
    issue_comment: comment,
    check_run: checkRun,
    check_suite: checkSuite,
    status,
    branch_protection_rule: rules,
    repository_ruleset: rules,
  }),
)
