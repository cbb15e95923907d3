import { expect, test } from 'vitest'
import { appliersFor } from '../../src/promotion/apply/appliers.ts'
import type { EffectOf } from '../../src/promotion/effects.ts'

/** What one process writes to the forge's comments, its log and its metric; the conversation takes comments or not. */
function aProcess(comments: Map<string, string>) {
  const said = { edits: 0, logged: 0, counted: 0 }
  const conversation = { isLocked: false }
  const ports = {
    log: {
      warn: () => {
        said.logged += 1
      },
    },
    forge: {
      comments: {
        ensure: async (pull: number, marker: string, text: string) => {
          if (conversation.isLocked) throw new Error('the conversation is locked')
          said.edits += Number(comments.get(`${pull} ${marker}`) !== text)
          comments.set(`${pull} ${marker}`, text)
        },
      },
    },
  }
  const personNotified = () => {
    said.counted += 1
  }
  const told = { personNotified, reconcileRequested: () => {} }
  return { said, conversation, notify: appliersFor(ports as never, told).notify }
}

const notice: EffectOf<'notify'> = {
  ...{ kind: 'notify', urgency: 4, about: 'failed', key: 'failed api/production x', pull: 7 },
  text: '@acme/team it is unhealthy',
}

test('a person is told once, however many rounds find it, and not again after a restart (I7)', async () => {
  const comments = new Map<string, string>()
  const { said, notify } = aProcess(comments)
  expect([await notify(notice), await notify(notice)]).toEqual([{ is: 'done' }, { is: 'already-so' }])
  const restarted = aProcess(comments)
  await restarted.notify(notice)
  expect(comments.size).toBe(1)
  expect(said).toEqual({ edits: 1, logged: 1, counted: 1 })
  expect(restarted.said).toEqual({ edits: 0, logged: 1, counted: 1 })
})

test('a conversation that takes no comment keeps neither the log nor the alert back, and is tried again', async () => {
  const { said, conversation, notify } = aProcess(new Map())
  conversation.isLocked = true
  await expect(notify(notice)).rejects.toThrow('locked')
  await expect(notify(notice)).rejects.toThrow('locked')
  expect(said).toEqual({ edits: 0, logged: 1, counted: 1 })
  conversation.isLocked = false
  await notify(notice)
  expect(said).toEqual({ edits: 1, logged: 1, counted: 1 })
})
