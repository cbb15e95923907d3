import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { runTool } from '../../run-tool.ts'
import { findOnPath } from '../find-on-path.ts'
import type { Route, RouteSettings, Tool } from '../route.ts'
import { type ToolName, toolTable } from '../tool-table.ts'
import { versionOf } from '../version-of.ts'
import { debianSources } from './debian-sources.ts'

/**
 * Downloads the package from the machine's own Debian mirror and unpacks it beside our tools. Nothing is installed, apt
 * keeps its lists in a folder of ours, and no root is needed.
 */
export const debianPackages: Route = async (name, settings) => {
  const [aptGet] = await findOnPath('apt-get', settings.env['PATH'])
  const [dpkgDeb] = await findOnPath('dpkg-deb', settings.env['PATH'])
  if (aptGet === undefined || dpkgDeb === undefined) return { why: 'Debian packages: no apt-get and dpkg-deb on PATH' }
  const sources = await machineSources()
  if (sources === null) return { why: 'Debian packages: no mirror of this machine’s Debian in /etc/apt' }
  const apt = aptFolder(aptGet, settings)
  const unready = await apt.prepare(sources)
  if (unready !== null) return { why: `Debian packages: ${unready}` }
  const archive = await apt.download(toolTable[name].debianPackage)
  if ('why' in archive) return { why: `Debian packages: ${archive.why}` }
  return unpack(name, archive.file, dpkgDeb, settings)
}

function aptFolder(aptGet: string, { dir, env, signal }: RouteSettings) {
  const state = join(dir, 'debian', 'apt')
  const archives = join(dir, 'debian', 'archives')
  const options = [
    `Dir::State=${state}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${join(state, 'cache')}`,
    `Dir::Etc::sourcelist=${join(state, 'tools.sources')}`,
    'Dir::Etc::sourceparts=/dev/null',
    // The unprivileged user that apt downloads as may not enter our folder.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=2',
  ].flatMap((option) => ['-o', option])
  const aptRun = async (words: readonly string[]): Promise<string | null> => {
    const call = { command: aptGet, args: [...options, '-q', ...words], cwd: archives, env: { ...env, LC_ALL: 'C' } }
    const bounds = { timeoutMs: 5 * 60_000, maxOutputBytes: 4 * 1024 * 1024 }
    const run = await runTool({ ...call, ...bounds }, signal)
    if (run.exitCode === 0) return null
    return `apt-get ${words.join(' ')}: ${run.timedOut ? 'took over 5 minutes' : run.stderr.trim().split('\n').slice(-2).join(' / ')}`
  }
  return {
    async prepare(sources: string): Promise<string | null> {
      for (const folder of [join(state, 'lists/partial'), join(state, 'cache/archives/partial'), archives]) {
        await mkdir(folder, { recursive: true })
      }
      await writeFile(join(state, 'tools.sources'), sources)
      return aptRun(['update'])
    },
    async download(name: string): Promise<{ file: string } | { why: string }> {
      const failed = await aptRun(['download', name])
      if (failed !== null) return { why: failed }
      const file = (await readdir(archives)).find((each) => each.startsWith(`${name}_`) && each.endsWith('.deb'))
      return file === undefined ? { why: `apt-get download ${name} left no file` } : { file: join(archives, file) }
    },
  }
}

async function unpack(name: ToolName, archive: string, dpkgDeb: string, { dir, env }: RouteSettings) {
  const folder = join(dir, 'debian', name)
  await rm(folder, { recursive: true, force: true })
  const call = { command: dpkgDeb, args: ['-x', archive, folder], cwd: dir, env }
  const run = await runTool({ ...call, timeoutMs: 120_000, maxOutputBytes: 64 * 1024 })
  await rm(archive, { force: true })
  if (run.exitCode !== 0) return { why: `Debian packages: dpkg-deb -x: ${run.stderr.trim()}` }
  const tool = await unpackedTool(name, folder, basename(archive))
  return tool === null ? { why: `Debian packages: what ${basename(archive)} holds does not run here` } : { tool }
}

async function unpackedTool(name: ToolName, folder: string, archiveName: string): Promise<Tool | null> {
  const packaged = /^[^_]+_(?:\d+:)?(\d+\.\d+\.\d+)/.exec(archiveName)?.[1] ?? null
  for (const command of toolTable[name].commands) {
    const path = join(folder, 'usr/bin', command)
    const version = await versionOf(name, path, packaged)
    if (version !== null) return { path, version }
  }
  return null
}

/** For a Debian that packages the tools itself its own suite would do as well; one suite means one set of versions. */
async function machineSources(): Promise<string | null> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const codename = /^VERSION_CODENAME="?([\w-]+)"?$/m.exec(release)?.[1]
  if (!/^ID="?debian"?$/m.test(release) || codename === undefined) return null
  const parts = await readdir('/etc/apt/sources.list.d').catch(() => [])
  const paths = ['/etc/apt/sources.list', ...parts.map((part) => join('/etc/apt/sources.list.d', part))]
  const files = await Promise.all(
    paths
      .filter((path) => path.endsWith('.list') || path.endsWith('.sources'))
      .map(async (name) => ({ name, text: await readFile(name, 'utf8').catch(() => '') })),
  )
  return debianSources(files, codename)
}
