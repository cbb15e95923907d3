/** Somebody at the forge. The id decides; the login is for people to read, since logins are renamed and reused. */
export interface Person {
  readonly id: number
  readonly login: string
  readonly kind: 'person' | 'bot'
}

/** The people who stand behind a change. `complete` is false where it cannot be known that these are all. */
export interface Initiators {
  readonly people: readonly Person[]
  readonly complete: boolean
}

export const noInitiators: Initiators = { people: [], complete: false }
