import type { RefWrite } from './refs.ts'

/** The ref writes that a `git-receive-pack` request asks for: pkt-lines up to the flush before the pack. */
export function readPushCommands(body: Buffer): readonly RefWrite[] {
  const commands: RefWrite[] = []
  for (let at = 0; at + 4 <= body.length; ) {
    const length = Number.parseInt(body.subarray(at, at + 4).toString(), 16)
    if (!(length > 4)) break
    const line = body.subarray(at + 4, at + length).toString()
    const [, before, after, ref] = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0\n]+)/.exec(line) ?? []
    if (before !== undefined && after !== undefined && ref !== undefined) commands.push({ ref, before, after })
    at += length
  }
  return commands
}
