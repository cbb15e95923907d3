import { ensureTestTools } from './tools.ts'

/** Brings the real tools before any test; a tool that cannot be had fails the whole suite, no test is skipped. */
export async function setup(): Promise<void> {
  await ensureTestTools(['kustomize', 'cosign', 'registry'], (line) => process.stderr.write(`${line}\n`))
}
