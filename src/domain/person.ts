/** Somebody at the forge. The id decides; the login is for people to read, since logins are renamed and reused. */
export interface Person {
  readonly id: number
  readonly login: string
  readonly kind: 'person' | 'bot'
}
