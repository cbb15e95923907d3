import { beforeEach, describe, expect, test } from 'vitest'
import type { CheckedConfig } from '../../src/config/checked-config.ts'
import { type Sha, type SlotKey, toInstant } from '../../src/domain/ids.ts'
import { gatedDigest } from '../../src/promotion/gated-digest.ts'
import { observeAudit } from '../../src/promotion/observe/audit.ts'
import { readConfig } from '../../src/promotion/observe/config.ts'
import { observeOverlays } from '../../src/promotion/observe/overlays.ts'
import { readSlotAt } from '../../src/promotion/observe/records.ts'
import { seal } from '../../src/promotion/seal.ts'
import { writeTrailers } from '../../src/promotion/trailers.ts'
import {
  ann,
  type Company,
  commitFiles,
  digestNamed,
  type Files,
  headOfMain,
  newCompany,
  overlayFile,
  overlayText,
  repository,
  sam,
} from '../fakes/company.ts'

const stateKeys = ['the key that signs, long enough'] as const
const slot: SlotKey = 'api/production'
const file = overlayFile('api', 'production')
const running = (release: string, note = ''): Files => ({
  [file]: overlayText('api', 'production', digestNamed(release), note),
})

let company: Company
let begin: Sha
beforeEach(async () => {
  company = await newCompany()
  begin = headOfMain(company)
})

async function rulesAt(commit: Sha): Promise<CheckedConfig> {
  const config = await readConfig(company.git, commit, repository.name)
  if (config.is !== 'read') throw new Error('the manifests do not parse')
  return config.checked
}

/** Somebody's commit on top of another. */
const commit = (onto: Sha, files: Files): Promise<Sha> => commitFiles(company, onto, files, 'made by hand', ann)

/** A merge of ours: judged for what its head holds, though the forge may have made `holds` of it. */
async function merge(onto: Sha, judged: Files, holds = judged): Promise<{ readonly merge: Sha; readonly head: Sha }> {
  const head = await commit(onto, judged)
  return { head, merge: await mergeOf(onto, head, head, holds) }
}

async function mergeOf(onto: Sha, head: Sha, judged: Sha, holds: Files): Promise<Sha> {
  const inputs = (await readSlotAt(company.git, judged, slot, await rulesAt(judged)))?.inputs
  if (inputs === undefined || inputs === null) throw new Error('its overlay cannot be read')
  const trailers = writeTrailers({
    ...{ kind: 'promotion', slot, release: null, replaces: null, takesBack: null, base: onto, state: null, over: null },
    ...{ pull: 12, gated: gatedDigest([{ slot, inputs }]) },
  })
  const message = seal(`Promote api\n\n${trailers}`, { repository: repository.id, merges: head }, stateKeys)
  const { tree } = await company.git.commit(await commit(onto, holds))
  const author = { name: sam.login, email: 'sam@acme.example' }
  return company.git.writeCommit({ tree, parents: [onto, head], author, at: toInstant(company.now), message })
}

async function audit(base: Sha, from = begin) {
  const config = await rulesAt(begin)
  const overlays = await observeOverlays(company.git, base, config, repository.name, null)
  const forge = { pulls: { ofCommit: async () => [{ number: 7 }] } }
  const context = { git: company.git, repository, stateKeys, base, config, overlays, forge: forge as never }
  return (await observeAudit(context, { audited: from, genesis: begin }, null)).audit
}

const clean = { ungated: [], mismatched: [], rewritten: false }
const ungated = (at: Sha, ...slots: readonly string[]) => expect.objectContaining({ commit: at, slots })

describe('what comes onto the default branch', () => {
  test('is in order where a merge of ours holds what was gated, or no environment is concerned', async () => {
    const ours = await merge(begin, running('api 1'))
    const base = await commit(ours.merge, { 'README.md': 'for people' })
    expect(await audit(base)).toEqual({ ...clean, upTo: base })
  })

  test('is a mismatch where a merge of ours holds something else than was gated (I3)', async () => {
    const { merge: base } = await merge(begin, running('api 1'), running('api 2'))
    expect(await audit(base)).toMatchObject({ ungated: [ungated(base, slot)], mismatched: [{ commit: base, slot }] })
  })

  test('is a mismatch as well where it brings more than was gated (I3)', async () => {
    const web = { [overlayFile('web', 'production')]: overlayText('web', 'production', digestNamed('web 1')) }
    const { merge: base } = await merge(begin, running('api 1'), { ...running('api 1'), ...web })
    expect((await audit(base)).mismatched).toContainEqual({ commit: base, slot: 'web/production' })
  })

  test('is ungated where nobody judged it, however deep it lies under what is in order (I1, T70)', async () => {
    const pushed = await commit(begin, running('api 9'))
    const { merge: base } = await merge(pushed, running('api 1'))
    const found = await audit(base)
    expect(found).toMatchObject({ ungated: [ungated(pushed, slot)], mismatched: [] })
    expect(found.ungated[0]?.pull).toBe(7)
  })

  test('is ungated where our old message stands under a merge of somebody, even of just what was gated (T70)', async () => {
    const first = await merge(begin, running('api 1'))
    const second = await merge(first.merge, running('api 2'))
    const copied = await mergeOf(second.merge, first.head, first.head, running('api 1'))
    expect((await audit(copied)).ungated).toEqual([ungated(copied, slot)])
  })

  test('is ungated where it changes the rules, by those that held before it (T70, T63)', async () => {
    const gone = await commit(begin, { '.sluice/production.yaml': null })
    const base = await commit(gone, running('api 9'))
    expect((await audit(base)).ungated).toEqual([ungated(gone, '*/production')])
  })

  test('is ungated everywhere where it is more than can be looked at, and no memory is filled with it (T22, T70)', async () => {
    const blob = { oid: await company.git.writeBlob(new Uint8Array()), mode: '100644' }
    let folder = await company.git.writeTree(null, new Map([...'0123456789'].map((name) => [name, blob])))
    for (let depth = 0; depth < 9; depth += 1)
      folder = await company.git.writeTree(null, new Map([...'0123456789'].map((name) => [name, { oid: folder }])))
    const tree = await company.git.writeTree(begin, new Map([['bomb', { oid: folder }]]))
    const author = { name: ann.login, email: 'ann@acme.example' }
    const bomb = await company.git.writeCommit({ tree, parents: [begin], author, at: toInstant(0), message: 'Boo' })
    expect((await audit(bomb)).ungated).toEqual([ungated(bomb, '*/dev', '*/production', '*/staging')])
  })

  test('is not looked at where what was audited last is no longer below it (T15)', async () => {
    const audited = await commit(begin, { 'README.md': 'for people' })
    expect(await audit(await commit(begin, running('api 9')), audited)).toEqual({
      ...clean,
      upTo: audited,
      rewritten: true,
    })
  })
})
