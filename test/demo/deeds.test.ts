import { expect, test } from 'vitest'
import { type Deeds, doneTwice } from '../../src/demo/deeds.ts'

const once: Deeds = {
  promotions: ['Promote api to staging: api:1.3.0', 'Promote api to production: api:1.3.0'],
  'merge commits': ['Promote api to staging: api:1.3.0 (#15)'],
  'merge calls': ['/repos/acme/config/pulls/15/merge'],
  comments: ['<!-- sluice:reply:7 --> on #15'],
}

test('what was done once each is nothing twice', () => {
  expect(doneTwice(once)).toEqual([])
})

test('whatever was done again is named, once', () => {
  const again: Deeds = {
    ...once,
    'merge calls': [...once['merge calls'], ...once['merge calls'], ...once['merge calls']],
    comments: [...once.comments, ...once.comments],
  }

  expect(doneTwice(again)).toEqual([
    'merge calls: /repos/acme/config/pulls/15/merge',
    'comments: <!-- sluice:reply:7 --> on #15',
  ])
})
