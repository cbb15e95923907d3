import type { Appliers, EffectOf, NoticeKind } from '../effects.ts'
import { noticeMarker } from '../notice-marker.ts'
import type { RepositoryPorts } from '../repository-ports.ts'
import { mergeOnceAMinute } from './merge-pull.ts'
import { openPull } from './open-pull.ts'
import { type RequestsTold, requestReconcileOnce } from './request-reconcile.ts'
import { compactState, writeState } from './write-state.ts'

/** Where notifications go beside the pull request, and what nobody waits for: metrics. */
export interface Told extends RequestsTold {
  personNotified(kind: NoticeKind): void
}

/** One function per effect. They check the expected state, act and read back; none of them chooses. */
export const appliersFor = (ports: RepositoryPorts, told: Told): Appliers => {
  const ensureComment = commentOnce(ports)
  return {
    'write-state': (effect) => writeState(ports, effect),
    'compact-state': (effect) => compactState(ports, effect),
    'open-pull': (effect) => openPull(ports, effect),
    'merge-pull': mergeOnceAMinute(ports),
    'close-pull': async ({ pull, branch }) => {
      await ports.forge.pulls.close(pull)
      await ports.forge.commits.deleteBranch(branch)
      return { is: 'done' }
    },
    'delete-branch': async ({ branch }) => {
      await ports.forge.commits.deleteBranch(branch)
      return { is: 'done' }
    },
    'show-check': async ({ head, is, title, summary }) => {
      await ports.forge.checks.show(head, { is, title, summary })
      return { is: 'done' }
    },
    'update-pull': async ({ pull, title, body }) => {
      const wanted = { ...(title === undefined ? {} : { title }), ...(body === undefined ? {} : { body }) }
      await ports.forge.pulls.update(pull, wanted)
      return { is: 'done' }
    },
    comment: ensureComment,
    notify: notifyOnce(ports, told, ensureComment),
    react: async ({ comment, reaction }) => {
      await ports.forge.comments.react(comment, reaction)
      return { is: 'done' }
    },
    'request-reconcile': requestReconcileOnce(ports, told),
  }
}

type Commenter = (
  effect: Pick<EffectOf<'comment'>, 'pull' | 'marker' | 'text' | 'version'>,
) => Promise<{ readonly is: 'done' | 'already-so' }>

/** The forge is asked only where the version differs from what this process wrote last. */
function commentOnce({ forge }: RepositoryPorts): Commenter {
  const written = new Map<string, string>()
  return async ({ pull, marker, text, version }) => {
    const key = `${pull} ${marker}`
    if (written.get(key) === version) return { is: 'already-so' }
    await forge.comments.ensure(pull, marker, text)
    written.set(key, version)
    return { is: 'done' }
  }
}

function notifyOnce({ log }: RepositoryPorts, told: Told, comment: Commenter): Appliers['notify'] {
  const alerted = new Set<string>()
  const done = new Set<string>()
  return async ({ about, key, pull, text }) => {
    if (done.has(key)) return { is: 'already-so' }
    // First what nobody can hinder: a conversation that is locked takes no comment, however often it is tried.
    if (!alerted.has(key)) {
      log.warn({ notice: key, pull, text }, 'a person is needed')
      told.personNotified(about)
      alerted.add(key)
    }
    if (pull !== null) await comment({ pull, marker: noticeMarker(key), text, version: '' })
    done.add(key)
    return { is: 'done' }
  }
}
