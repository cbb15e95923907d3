import { setMaxListeners } from 'node:events'
import { failureKind, failureReason } from './domain/failures.ts'
import { runTool, type ToolCall, type ToolRun } from './run-tool.ts'

/** What `toolRunner` sends here. */
export interface Ask {
  readonly id: number
  readonly call: ToolCall
}

/** What it gets back for each. */
export type Answer = { readonly id: number } & Ending
export type Ending =
  | { readonly is: 'ended'; readonly run: ToolRun }
  | { readonly is: 'failed'; readonly by: 'operator' | 'bug'; readonly reason: string; readonly message: string }

const gone = new AbortController()
// Each tool under way listens; dozens are no leak.
setMaxListeners(0, gone.signal)

process.on('message', ({ id, call }: Ask) => void answer(id, call))
// Who asked has ended, killed perhaps: what still runs for it is killed too, and this process ends with the last of it.
process.once('disconnect', () => gone.abort())
// A terminal tells the whole group, while the rounds that are finished after that still need tools. Without a listener
// here, what cleans up after tools would end this process.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined)

async function answer(id: number, call: ToolCall): Promise<void> {
  const ending = await endingOf(call)
  // Where this fails nobody is there to be told any more.
  if (process.connected) process.send?.({ id, ...ending } satisfies Answer, undefined, undefined, () => undefined)
}

async function endingOf(call: ToolCall): Promise<Ending> {
  try {
    return { is: 'ended', run: await runTool(call, gone.signal) }
  } catch (error) {
    const by = failureKind(error) === 'operator' ? 'operator' : 'bug'
    return { is: 'failed', by, reason: failureReason(error), message: wordsOf(error) }
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
