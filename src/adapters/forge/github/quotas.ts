type Headers = Readonly<Record<string, string | number | undefined>>

/** What is left of each installation's hourly requests, as its latest answers told. */
export interface Quotas {
  note(installation: number, headers: Headers): void
  isScarce(installation: number): boolean
}

/** What is kept for reverts and for people who wait, when a thousand repositories are swept (T59). */
const reserve = 0.3

export function createQuotas(now: () => number): Quotas {
  const known = new Map<number, { readonly left: number; readonly resetsAt: number }>()
  return {
    note: (installation, headers) => {
      const left = Number(headers['x-ratelimit-remaining']) / Number(headers['x-ratelimit-limit'])
      const resetsAt = Number(headers['x-ratelimit-reset']) * 1000
      if (Number.isFinite(left) && Number.isFinite(resetsAt)) known.set(installation, { left, resetsAt })
    },
    isScarce: (installation) => {
      const quota = known.get(installation)
      return quota !== undefined && quota.left < reserve && now() < quota.resetsAt
    },
  }
}
