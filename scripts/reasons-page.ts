import { deliveryReasons } from '../src/adapters/delivery/delivery-reasons.ts'
import { refusalReasons } from '../src/commands/refusals.ts'
import { rightReasons } from '../src/commands/rights.ts'
import { diagnosticCodes } from '../src/config/diagnostic.ts'
import { allReasons } from '../src/gates/sentences.ts'
import { notTakenBackReasons } from '../src/promotion/plan/not-taken-back.ts'
import { nothingReasons } from '../src/promotion/plan/wanted.ts'
import { chainReasons } from '../src/state/check-chain.ts'

/** Every family of codes that people may be shown, each from where its sentences stand. */
export const reasonFamilies: readonly { readonly title: string; readonly codes: Readonly<Record<string, string>> }[] = [
  { title: 'Verdicts of gates', codes: Object.fromEntries(allReasons().map(({ code, sentence }) => [code, sentence])) },
  { title: 'Diagnostics of manifests', codes: diagnosticCodes },
  { title: 'Why a slot gets nothing', codes: nothingReasons },
  { title: 'Why nothing is taken back', codes: notTakenBackReasons },
  { title: 'What delivery shows', codes: deliveryReasons },
  { title: 'Refused commands', codes: { ...refusalReasons, ...rightReasons } },
  { title: 'State that is not trusted', codes: chainReasons },
]

/** docs/reasons.md. */
export const reasonsPage = (): string => `# Reason codes

Written by \`npm run schemas\` from the sentences beside each rule; do not edit. Words in braces are filled in.

${reasonFamilies.map(({ title, codes }) => `## ${title}\n\n${table(codes)}\n`).join('\n')}`

const table = (codes: Readonly<Record<string, string>>): string =>
  ['| code | sentence |', '| --- | --- |', ...Object.entries(codes).toSorted(byCode).map(row)].join('\n')

const byCode = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1)

const row = ([code, sentence]: readonly [string, string]): string =>
  `| \`${code}\` | ${sentence.replaceAll('|', '\\|')} |`
