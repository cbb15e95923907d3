/** The first Debian that packages all three tools. */
const packagedSince = 'trixie'

/**
 * Derives apt sources for the suite that packages our tools from the machine's own entries: same mirror, same keys, so
 * that a company's mirror and its certificates keep working. Null where no entry serves the machine's own suite.
 * Reads both formats of sources.list(5) and answers in the newer one (deb822).
 */
export function debianSources(
  files: readonly { readonly name: string; readonly text: string }[],
  codename: string,
): string | null {
  const entries = files.flatMap(({ name, text }) => (name.endsWith('.sources') ? stanzasOf(text) : linesOf(text)))
  const own = entries.filter((entry) => entry.suites.includes(codename) && entry.components.includes('main'))
  if (own.length === 0) return null
  return own.map(toTrixie).join('\n')
}

interface Entry {
  readonly uris: string
  readonly suites: readonly string[]
  readonly components: readonly string[]
  /** Fields that carry trust or reach, copied as they are. */
  readonly kept: readonly string[]
}

const toTrixie = ({ uris, kept }: Entry): string =>
  `${['Types: deb', `URIs: ${uris}`, `Suites: ${packagedSince}`, 'Components: main', ...kept].join('\n')}\n`

function stanzasOf(text: string): readonly Entry[] {
  return text
    .split(/\n\s*\n/)
    .map(fieldsOf)
    .filter((fields) => words(fields.get('types')).includes('deb') && fields.get('enabled')?.trim() !== 'no')
    .map((fields) => ({
      uris: words(fields.get('uris')).join(' '),
      suites: words(fields.get('suites')),
      components: words(fields.get('components')),
      kept: [...fields]
        .filter(([key]) => key === 'signed-by' || key === 'trusted')
        .map(([key, value]) => `${key}:${value}`),
    }))
}

/** Keys in lower case; a value keeps its continuation lines, since an embedded key is many of them. */
function fieldsOf(stanza: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of stanza.split('\n').filter((each) => !each.startsWith('#'))) {
    const [, key, value] = /^([A-Za-z-]+):(.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) {
      last = key.toLowerCase()
      fields.set(last, value)
    } else if (last !== undefined && /^\s/.test(line)) fields.set(last, `${fields.get(last) ?? ''}\n${line}`)
  }
  return fields
}

function linesOf(text: string): readonly Entry[] {
  return text.split('\n').flatMap((line) => {
    const [, options, uri, suite, components] =
      /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line.trim()) ?? []
    if (uri === undefined || suite === undefined) return []
    return [{ uris: uri, suites: [suite], components: words(components), kept: keptOptions(options) }]
  })
}

const keptOptions = (options: string | undefined): readonly string[] =>
  words(options)
    .map((option) => option.split('='))
    .flatMap(([key = '', value = '']) => (key === 'signed-by' || key === 'trusted' ? [`${key}: ${value}`] : []))

const words = (text: string | undefined): readonly string[] => (text ?? '').split(/\s+/).filter((word) => word !== '')
