import { verify } from 'node:crypto'
import type { Actor, World } from '../model/world.ts'
import { type Fields, isFields, numberAt } from './operation.ts'
import { Refusal } from './refusal.ts'

/** Who calls the API: the App by its JWT, an installation or a person by a token. */
export function authenticate(world: World, header: string | undefined): Actor {
  if (header === undefined) return { kind: 'anonymous' }
  const [scheme = '', credential = ''] = header.split(' ')
  if (scheme.toLowerCase() === 'basic') return actorOfToken(world, passwordOf(credential))
  if (credential.split('.').length === 3) return checkJwt(world, credential)
  return actorOfToken(world, credential)
}

export const passwordOf = (basic: string): string =>
  Buffer.from(basic, 'base64').toString().split(':').slice(1).join(':')

export function actorOfToken(world: World, text: string): Actor {
  const token = world.tokens.get(text)
  if (token === undefined) throw new Refusal(401, 'Bad credentials')
  if (token.kind === 'person') return { kind: 'person', account: token.account }
  if (token.expiresAt <= world.now()) throw new Refusal(401, 'Bad credentials')
  if (token.installation.suspendedAt !== null) throw new Refusal(403, 'This installation has been suspended')
  return { ...token, account: world.app.bot }
}

const longestLifeSeconds = 600
const clockDriftSeconds = 60

function checkJwt(world: World, jwt: string): Actor {
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  const claims = parse(payload)
  if (
    parse(header).alg !== 'RS256' ||
    (String(claims.iss) !== String(world.app.id) && claims.iss !== world.app.clientId)
  )
    throw new Refusal(401, 'A JSON web token could not be decoded')
  const signed = Buffer.from(`${header}.${payload}`)
  if (!verify('sha256', signed, world.app.publicKey, Buffer.from(signature, 'base64url')))
    throw new Refusal(401, 'A JSON web token could not be decoded')
  const now = world.now() / 1000
  const expires = numberAt(claims, 'exp') ?? 0
  const issued = numberAt(claims, 'iat') ?? 0
  if (expires <= now)
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    )
  if (expires > now + longestLifeSeconds + clockDriftSeconds)
    throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
  if (issued > now + clockDriftSeconds)
    throw new Refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    )
  return { kind: 'app' }
}

function parse(part: string): Fields {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return isFields(value) ? value : {}
  } catch {
    throw new Refusal(401, 'A JSON web token could not be decoded')
  }
}
