import { isSluice, type Scene } from './scene.ts'

/** What Sluice did so far, by what would have the same name if it were done again. */
export interface Deeds {
  readonly promotions: readonly string[]
  readonly 'merge commits': readonly string[]
  readonly 'merge calls': readonly string[]
  readonly comments: readonly string[]
}

/** From what people see (pull requests, commits, comments) and from what the forge was asked. */
export async function deedsOf({ stage, view }: Scene): Promise<Deeds> {
  const pulls = await view.pulls()
  const comments = await Promise.all(
    pulls.map(async ({ number }) =>
      (await view.comments(number)).filter(isSluice).map(({ text }) => `${markerOf(text)} on #${number}`),
    ),
  )
  const calls = stage.forge.calls().filter(({ method, status, path }) => {
    return method === 'PUT' && status === 200 && path.endsWith('/merge')
  })
  return {
    promotions: pulls.map(({ title }) => title).filter((title) => title.startsWith('Promote ')),
    'merge commits': (await view.commits()).filter(({ parents }) => parents > 1).map(({ subject }) => subject),
    'merge calls': calls.map(({ path }) => path),
    comments: comments.flat(),
  }
}

/** Each comment of Sluice ends in what it is about. */
const markerOf = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

/** What was done more than once, in words; empty where nothing was. */
export const doneTwice = (deeds: Deeds): readonly string[] =>
  Object.entries(deeds).flatMap(([kind, names]: [string, readonly string[]]) =>
    [...new Set(names.filter((name, at) => names.indexOf(name) !== at))].map((name) => `${kind}: ${name}`),
  )
