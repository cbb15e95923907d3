import { type Glob, matchesGlob, parseGlob } from './glob.ts'
import { folderOf, joinPath } from './object-reader.ts'

/**
 * What Flux leaves out of the artifact that it builds from. Its patterns look like Git's and are matched by rules of its
 * own (fluxcd/pkg v0.18 `sourceignore` and `gitignore/pattern.go`), each file by itself: a folder that is left out leaves
 * nothing out.
 */
export const ignoreFileName = '.sourceignore'

export interface IgnorePattern {
  /** Of the file that holds it; it speaks of what lies below. */
  readonly folder: string
  readonly line: number
  readonly text: string
  readonly isInclusion: boolean
  readonly foldersOnly: boolean
  readonly names: readonly (Glob | 'folders' | 'nothing' | undefined)[]
}

const vcs = ['.git/', '.gitignore', '.gitmodules', '.gitattributes']
const images = ['*.jpg', '*.jpeg', '*.gif', '*.png', '*.wmv', '*.flv', '*.tar.gz', '*.zip']
const ci = ['.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml']
const builds = ['cloudbuild.yaml', 'codeship-services.yml', 'codeship-steps.yml']
const others = ['**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml']

const always = vcs.map((text) => patternOf(text, '', 0))
/** Where a repository has no ignore file of its own. */
const byDefault = [...images, ...ci, ...builds, ...others].map((text) => patternOf(text, '', 0))

export function parseIgnoreFile(folder: string, text: string): readonly IgnorePattern[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .flatMap((line, index) => (/^#|^\s*$/.test(line) ? [] : [patternOf(line, folder, index + 1)]))
}

/** The pattern by which a file is left out, of those in the folders above it, outermost first; undefined where it is not. */
export function leavesOut(path: string, patterns: readonly IgnorePattern[]): IgnorePattern | undefined {
  const all = patterns.length === 0 ? [...always, ...byDefault] : [...always, ...patterns]
  const last = all.findLast((pattern) => matches(pattern, path))
  return last?.isInclusion === true ? undefined : last
}

/** For people: where it stands, or that Flux has it by itself. */
export const patternText = ({ folder, line, text }: IgnorePattern): string =>
  line === 0 ? `${text} (by default)` : `${text} in ${joinPath(folder, ignoreFileName)}`

/** Every folder whose ignore file speaks of the path, outermost first. */
export function foldersAbove(path: string): readonly string[] {
  const folder = folderOf(path)
  return folder === '' ? [''] : [...foldersAbove(folder), folder]
}

function patternOf(line: string, folder: string, number: number): IgnorePattern {
  const isInclusion = line.startsWith('!')
  const rest = isInclusion ? line.slice(1) : line
  const trimmed = rest.endsWith('\\ ') ? rest : rest.replace(/ +$/, '')
  const foldersOnly = trimmed.endsWith('/')
  const path = (foldersOnly ? trimmed.slice(0, -1) : trimmed).split('/')
  const names = path.length === 1 ? [parseGlob(path[0] ?? '')] : path.map(nameOf)
  return { folder, line: number, text: line.trim(), isInclusion, foldersOnly, names }
}

function nameOf(name: string): IgnorePattern['names'][number] {
  if (name === '') return 'nothing'
  return name === '**' ? 'folders' : name.includes('**') ? undefined : parseGlob(name)
}

function matches(pattern: IgnorePattern, path: string): boolean {
  const inside = pattern.folder === '' ? '' : `${pattern.folder}/`
  if (!path.startsWith(inside)) return false
  const names = path.slice(inside.length).split('/')
  return pattern.names.length > 1 ? matchesPath(pattern, names) : matchesName(pattern, names)
}

/** A pattern of one name: that of the file, or of any folder above it. */
function matchesName({ names: [glob], foldersOnly }: IgnorePattern, names: readonly string[]): boolean {
  const at = names.findIndex((name) => isGlob(glob) && matchesGlob(glob, name))
  return at >= 0 && !(foldersOnly && at === names.length - 1)
}

/** A path: it may end early, and then takes all that lies below; `**` skips folders until the next name is met. */
function matchesPath({ names: globs, foldersOnly }: IgnorePattern, names: readonly string[]): boolean {
  let rest = names
  let matched = false
  let skips = false
  for (const [index, glob] of globs.entries()) {
    if (glob === 'nothing') skips = false
    else if (glob === 'folders') {
      if (index === globs.length - 1) break
      skips = true
    } else {
      const at = !isGlob(glob) ? -1 : skips ? rest.findIndex((name) => matchesGlob(glob, name)) : firstOf(glob, rest)
      if (rest.length === 0 || (at < 0 && !skips)) return false
      matched = at >= 0
      rest = at < 0 ? [] : rest.slice(at + 1)
      skips = false
    }
  }
  return matched && !(foldersOnly && rest.length === 0)
}

const firstOf = (glob: Glob, [name]: readonly string[]): number =>
  name !== undefined && matchesGlob(glob, name) ? 0 : -1

const isGlob = (glob: IgnorePattern['names'][number]): glob is Glob => typeof glob === 'object'
