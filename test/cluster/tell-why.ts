import type { TestContext } from 'vitest'

/** What the programs wrote last, where a test fails. */
export const tellWhy = ({ onTestFailed }: TestContext, { lastWords }: { lastWords(): string }): void =>
  onTestFailed(() => void process.stderr.write(`${lastWords()}\n`))
