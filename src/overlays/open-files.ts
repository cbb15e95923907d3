import type { Sha } from '../domain/ids.ts'
import type { TreeEdit } from '../ports/forge/commits.ts'
import { type Edit, editText } from './file-edit.ts'
import type { ObjectReader } from './object-reader.ts'
import { type Refusal, refusal } from './problem.ts'
import { sourceAt } from './read-release.ts'
import type { YamlSource } from './yaml-source.ts'

/** The text files that one edit of an overlay touches, each read once and written once. */
export interface OpenFiles {
  source(file: string): Promise<YamlSource | Refusal>
  add(file: string, edit: Edit): void
  edited(): { readonly is: 'edits'; readonly edits: readonly TreeEdit[] } | Refusal
}

export function openFiles(at: { readonly reader: ObjectReader; readonly tree: Sha }): OpenFiles {
  const opened = new Map<string, { readonly source: YamlSource; readonly mode: string; readonly edits: Edit[] }>()
  return {
    async source(file) {
      const known = opened.get(file)
      if (known !== undefined) return known.source
      const source = await sourceAt(at, file)
      if (source === undefined)
        return refusal(file, { reason: 'release.file-unmatched', detail: `${file} does not exist` })
      if ('reason' in source) return { is: 'unsupported', problem: source }
      const mode = (await at.reader.entry(at.tree, file))?.mode ?? '100644'
      opened.set(file, { source, mode, edits: [] })
      return source
    },
    add(file, edit) {
      if (edit.splices.length > 0) opened.get(file)?.edits.push(edit)
    },
    edited() {
      const edits: TreeEdit[] = []
      for (const [path, file] of opened) {
        if (file.edits.length === 0) continue
        const edited = editText(file.source, file.edits)
        if (edited.is === 'broken') return refusal(path, edited.complaint)
        if (edited.text !== file.source.text) edits.push({ path, text: edited.text, mode: file.mode })
      }
      return { is: 'edits', edits }
    },
  }
}
