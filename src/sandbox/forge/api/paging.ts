import { type Fields, type List, numberAt } from './operation.ts'

export interface Page {
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

/** The page that was asked for, with a Link header where there are others. */
export async function pageOf(list: List, query: Fields, url: URL): Promise<Page> {
  const size = Math.min(100, Math.max(1, numberAt(query, 'per_page') ?? 30))
  const page = Math.max(1, numberAt(query, 'page') ?? 1)
  const last = Math.max(1, Math.ceil(list.items.length / size))
  const shown: unknown[] = []
  for (const item of list.items.slice((page - 1) * size, page * size)) shown.push(await list.render(item as never))
  return {
    body: list.wrap === undefined ? shown : list.wrap(shown, list.items.length),
    headers: last === 1 ? {} : { link: links(url, page, last) },
  }
}

function links(url: URL, page: number, last: number): string {
  const to = (number: number, rel: string) => {
    const target = new URL(url)
    target.searchParams.set('page', String(number))
    return `<${target.href}>; rel="${rel}"`
  }
  const back = page > 1 ? [to(page - 1, 'prev'), to(1, 'first')] : []
  const forth = page < last ? [to(page + 1, 'next'), to(last, 'last')] : []
  return [...back, ...forth].join(', ')
}
