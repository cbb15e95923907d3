import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

export interface RunningRegistry {
  /** `127.0.0.1:PORT`, as it stands in front of a repository in an image's name. */
  readonly host: string
  /** Safe to call twice; resolves when the process has ended. */
  stop(): Promise<void>
}

/**
 * Starts an OCI registry (distribution 2.8 or 3) on loopback that keeps its blobs in a folder: started again on the same
 * folder and port, it is the same registry. Rejects where it does not listen within ten seconds.
 */
export async function startRegistry(options: {
  readonly dir: string
  readonly binary: string
  readonly port?: number
}): Promise<RunningRegistry> {
  const config = await writeConfig(options.dir, options.port ?? 0)
  const registry = execa(options.binary, ['serve', config], {
    extendEnv: false,
    // Without it distribution 3 looks for a trace collector, and says every few seconds that there is none.
    env: { OTEL_TRACES_EXPORTER: 'none' },
    stdin: 'ignore',
    all: true,
    // What it logs is read until it listens, and then let go: a registry may serve for days.
    buffer: false,
    reject: false,
  })
  const ended = registry.then(() => undefined)
  const stop = async () => {
    registry.kill('SIGTERM')
    await ended
  }
  try {
    const port = await listeningPort(registry.all, ended)
    registry.all.resume()
    return { host: `127.0.0.1:${port}`, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function writeConfig(dir: string, port: number): Promise<string> {
  const storage = join(dir, 'storage')
  await mkdir(storage, { recursive: true })
  const config = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, secret: 'one process, so nobody else needs to know it' },
  }
  const file = join(dir, 'registry.json')
  await writeFile(file, JSON.stringify(config))
  return file
}

/** Its log is the only place that tells the port which the kernel chose. */
function listeningPort(log: NodeJS.ReadableStream, ended: Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    let seen = ''
    const deadline = setTimeout(() => reject(new Error(`the registry did not listen within 10 s:\n${seen}`)), 10_000)
    log.on('data', function read(chunk) {
      seen += String(chunk)
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(seen)?.[1]
      if (port === undefined) return
      clearTimeout(deadline)
      log.removeListener('data', read)
      resolve(Number(port))
    })
    void ended.then(() => {
      clearTimeout(deadline)
      reject(new Error(`the registry ended before it listened:\n${seen}`))
    })
  })
}
