import {
  authorOf,
  created,
  flagAt,
  inRepository,
  listOf,
  nothing,
  type Operations,
  ok,
  type RepositoryCall,
  textAt,
} from '../api/operation.ts'
import { notFound, Refusal } from '../api/refusal.ts'
import { isAncestor } from '../git/history.ts'
import { isSafeRef, listRefs, noCommit, type Ref, type RefWrite, readRef } from '../git/refs.ts'
import { changeRef } from '../pulls/change-ref.ts'
import { refusalText, violationsOfWrite } from '../rules/judge-write.ts'
import type { Json } from '../views/account.ts'
import { apiOfRepository, nodeId } from '../views/urls.ts'

export const gitRefOperations = {
  'git/get-ref': inRepository('contents:read', 'read', async (call) => {
    const ref = refAt(call)
    const oid = await readRef(call.repository.dir, ref)
    if (oid === undefined) throw notFound()
    return ok(await refView(call, { ref, oid }))
  }),
  'git/list-matching-refs': inRepository('contents:read', 'read', async (call) =>
    listOf(await listRefs(call.repository.dir, refAt(call)), (ref) => refView(call, ref)),
  ),
  'git/create-ref': inRepository('contents:write', 'write', async (call) => {
    const ref = textAt(call.body, 'ref') ?? ''
    if (!isSafeRef(ref) || ref.startsWith('refs/pull/')) throw new Refusal(422, `${ref} is not a valid ref name.`)
    if ((await readRef(call.repository.dir, ref)) !== undefined) throw new Refusal(422, 'Reference already exists')
    const after = await existing(call, textAt(call.body, 'sha') ?? '')
    await write(call, { ref, before: noCommit, after }, 'Reference already exists')
    return created(await refView(call, { ref, oid: after }))
  }),
  'git/update-ref': inRepository('contents:write', 'write', updateRef),
  'git/delete-ref': inRepository('contents:write', 'write', async (call) => {
    const ref = refAt(call)
    const before = await readRef(call.repository.dir, ref)
    if (before === undefined) throw new Refusal(422, 'Reference does not exist')
    await write(call, { ref, before, after: noCommit }, 'Reference does not exist')
    return nothing
  }),
} satisfies Operations

async function updateRef(call: RepositoryCall) {
  const ref = refAt(call)
  const before = await readRef(call.repository.dir, ref)
  if (before === undefined) throw new Refusal(422, 'Reference does not exist')
  const after = await existing(call, textAt(call.body, 'sha') ?? '')
  if (flagAt(call.body, 'force') !== true && !(await isAncestor(call.repository.dir, before, after)))
    throw new Refusal(422, 'Update is not a fast forward')
  await write(call, { ref, before, after }, 'Update is not a fast forward')
  return ok(await refView(call, { ref, oid: after }))
}

async function write(call: RepositoryCall, wanted: RefWrite, ifLost: string): Promise<void> {
  const violations = await violationsOfWrite(call.world, call.repository, call.actor, wanted)
  if (violations.length > 0) throw new Refusal(422, refusalText(violations))
  const outcome = await changeRef(call.world, call.repository, authorOf(call).account, wanted)
  if (outcome === 'lost-race') throw new Refusal(422, ifLost)
}

const refAt = ({ path }: RepositoryCall): string => `refs/${(textAt(path, 'ref') ?? '').replace(/^refs\//, '')}`

async function existing({ repository }: RepositoryCall, sha: string): Promise<string> {
  if ((await repository.objects.read(sha)) === undefined) throw new Refusal(422, 'Object does not exist')
  return sha
}

async function refView({ world, repository }: RepositoryCall, { ref, oid }: Ref): Promise<Json> {
  const api = apiOfRepository(world, repository)
  const type = (await repository.objects.read(oid))?.type ?? 'commit'
  return {
    ref,
    node_id: nodeId('Ref', ref),
    url: `${api}/git/${ref}`,
    object: { sha: oid, type, url: `${api}/git/${type}s/${oid}` },
  }
}
