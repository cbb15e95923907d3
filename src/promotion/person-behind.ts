import type { Person } from '../domain/person.ts'

/** Who gave an order. Logins of people hold no brackets; those of Apps end in `[bot]`. */
export const personBehind = ({ by, byLogin }: { readonly by: number; readonly byLogin: string }): Person => ({
  id: by,
  login: byLogin,
  kind: byLogin.endsWith('[bot]') ? 'bot' : 'person',
})
