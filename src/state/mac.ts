import { createHmac, timingSafeEqual } from 'node:crypto'
import { digestOfValue } from '../domain/hash.ts'
import { isSha, type Sha } from '../domain/ids.ts'

/** What a MAC of a state commit covers: moved to another repository, tree or place in the line, it does not fit. */
export interface MacFacts {
  /** The forge's id of the repository whose state it is. */
  readonly repository: number
  readonly tree: Sha
  readonly parents: readonly Sha[]
  /** Set on the commit of `sluice state repair`. */
  readonly repair: Repair | null
}

export interface Repair {
  /** The head that an operator read and accepts, whatever lies below; null where the branch was gone. */
  readonly accepts: Sha | null
  /** The lost state that this stands for; null where nothing was lost. */
  readonly inPlaceOf: Sha | null
}

const version = 1
const macTrailer = 'Sluice-Mac'
const acceptsTrailer = 'Sluice-Accepts'
const inPlaceTrailer = 'Sluice-In-Place-Of'

/** HMAC-SHA256 over the canonical facts, in hex. */
export function macOf(key: string | Uint8Array, { repository, tree, parents, repair }: MacFacts): string {
  const facts = digestOfValue({ version, repository, tree, parents, repair })
  return createHmac('sha256', key).update(`sluice state commit\n${facts}`).digest('hex')
}

/** The message with the trailers that make it ours. `keys`: the first signs. */
export function messageWithMac(message: string, keys: Keys, facts: MacFacts): string {
  const trailers = facts.repair === null ? [] : repairTrailers(facts.repair)
  return `${message.trim()}\n\n${[...trailers, `${macTrailer}: v${version}=${macOf(keys[0], facts)}`].join('\n')}\n`
}

/** Never empty: the first signs, each is believed, so that a key can be changed. */
export type Keys = readonly [string | Uint8Array, ...(string | Uint8Array)[]]

/** Whether the message carries the MAC of these facts by one of the keys; compared in constant time. */
export function verifyMac(message: string, keys: Keys, facts: MacFacts): boolean {
  const written = lastTrailer(message, macTrailer)
  if (written === undefined || !/^v1=[0-9a-f]{64}$/.test(written)) return false
  const mac = Buffer.from(written.slice('v1='.length), 'hex')
  return keys.some((key) => timingSafeEqual(mac, Buffer.from(macOf(key, facts), 'hex')))
}

/** What a repair commit says that it accepts; null for every other commit. Only worth something where the MAC fits. */
export function repairOf(message: string): Repair | null {
  const accepts = lastTrailer(message, acceptsTrailer)
  const inPlaceOf = lastTrailer(message, inPlaceTrailer)
  if (accepts === undefined || inPlaceOf === undefined) return null
  return { accepts: isSha(accepts) ? accepts : null, inPlaceOf: isSha(inPlaceOf) ? inPlaceOf : null }
}

const repairTrailers = ({ accepts, inPlaceOf }: Repair): readonly string[] => [
  `${acceptsTrailer}: ${accepts ?? 'none'}`,
  `${inPlaceTrailer}: ${inPlaceOf ?? 'none'}`,
]

function lastTrailer(message: string, name: string): string | undefined {
  const line = message
    .trimEnd()
    .split('\n')
    .findLast((each) => each.startsWith(`${name}: `))
  return line?.slice(name.length + 2).trim()
}
