import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { closedEnvironment } from './run-git.ts'

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag'
export interface GitObject {
  readonly type: ObjectType
  readonly content: Buffer
}

/** The object store of one bare repository: reads through one long-lived `cat-file --batch`, writes loose objects. */
export interface Objects {
  read(oid: string): Promise<GitObject | undefined>
  write(type: ObjectType, content: Buffer | string): Promise<string>
  close(): void
}

export function openObjects(dir: string): Objects {
  let reader: Reader | undefined
  return {
    read: async (oid) => {
      if (!/^[0-9a-f]{40}$/.test(oid)) return undefined
      reader ??= startReader(dir, () => {
        reader = undefined
      })
      return reader.ask(oid)
    },
    write: (type, content) => writeLoose(dir, type, Buffer.from(content)),
    close: () => reader?.end(),
  }
}

interface Reader {
  ask(oid: string): Promise<GitObject | undefined>
  end(): void
}
interface Waiting {
  resolve(found: GitObject | undefined): void
  reject(error: Error): void
}

function startReader(dir: string, ended: () => void): Reader {
  const child = spawn('git', ['cat-file', '--batch'], { cwd: dir, env: closedEnvironment })
  const waiting: Waiting[] = []
  child.on('close', () => {
    ended()
    for (const one of waiting.splice(0)) one.reject(new Error(`git cat-file ended in ${dir}`))
  })
  child.on('error', ended)
  child.stdin.on('error', ended)
  answerInOrder(child, waiting)
  return {
    ask: (oid) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin.write(`${oid}\n`)
      }),
    end: () => child.kill(),
  }
}

function answerInOrder(child: ChildProcessWithoutNullStreams, waiting: Waiting[]): void {
  let unread = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk])
    for (let next = takeAnswer(unread); next !== undefined; next = takeAnswer(unread)) {
      unread = unread.subarray(next.length)
      waiting.shift()?.resolve(next.found)
    }
  })
}

/** `<oid> <type> <size>\n<content>\n`, or `<oid> missing\n`; undefined while bytes are still to come. */
function takeAnswer(bytes: Buffer): { length: number; found: GitObject | undefined } | undefined {
  const lineEnd = bytes.indexOf(10)
  if (lineEnd === -1) return undefined
  const [, type, size] = bytes.subarray(0, lineEnd).toString().split(' ')
  if (size === undefined) return { length: lineEnd + 1, found: undefined }
  const length = lineEnd + 1 + Number(size) + 1
  if (bytes.length < length) return undefined
  return { length, found: { type: type as ObjectType, content: Buffer.from(bytes.subarray(lineEnd + 1, length - 1)) } }
}

async function writeLoose(dir: string, type: ObjectType, content: Buffer): Promise<string> {
  const bytes = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content])
  const oid = createHash('sha1').update(bytes).digest('hex')
  const folder = join(dir, 'objects', oid.slice(0, 2))
  const file = join(folder, oid.slice(2))
  if (existsSync(file)) return oid
  await mkdir(folder, { recursive: true })
  const draft = join(folder, `tmp_obj_${randomUUID()}`)
  await writeFile(draft, deflateSync(bytes), { mode: 0o444 })
  await rename(draft, file)
  return oid
}
