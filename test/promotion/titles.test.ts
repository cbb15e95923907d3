import { expect, test } from 'vitest'
import type { EffectOf } from '../../src/promotion/effects.ts'
import { mergeTitle } from '../../src/promotion/report/messages.ts'

const titled = (title: string): string => mergeTitle({ title, pull: 7 } as EffectOf<'merge-pull'>)

// A forge that writes something else than was sent breaks our seal: the merge would pass for somebody else's (T70).
test.each([
  ['an emoji where the title is cut', `${'x'.repeat(199)}💥 and more`, `${'x'.repeat(199)}💥 (#7)`],
  ['half of one', 'Fix \uD83D it', 'Fix \uFFFD it (#7)'],
  ['blanks that nobody sees, around and between', '\u200B\u00A0 Fix\r\n\u2003 it \u200B', 'Fix it (#7)'],
  ['nothing that anybody sees', '\u200B', '(#7)'],
])('T26: a title with %s is sent as the forge will keep it', (_, title, sent) => {
  expect(titled(title)).toBe(sent)
  expect(titled(title).isWellFormed()).toBe(true)
})
