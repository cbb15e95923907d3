import { LRUCache } from 'lru-cache'

interface Answer {
  readonly etag: string
  readonly data: unknown
  readonly headers: Readonly<Record<string, string | number | undefined>>
}

/** Answers kept with their ETags: asking whether one still holds is free of quota (304), and as fresh as reading it. */
export interface ReadCache {
  get(key: string): Answer | undefined
  keep(key: string, answer: Answer): void
}

export function createReadCache(maxBytes = 64 * 1024 * 1024): ReadCache {
  const answers = new LRUCache<string, Answer>({ maxSize: maxBytes, sizeCalculation: bytesOf })
  return { get: (key) => answers.get(key), keep: (key, answer) => void answers.set(key, answer) }
}

// Two bytes a character, and about as much again for the objects around them.
const bytesOf = (answer: Answer) => 4 * (JSON.stringify(answer.data) ?? '').length + 512
