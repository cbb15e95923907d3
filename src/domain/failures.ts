/** The asker can fix it: shown to the requester in full, settled, never retried. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly reason: string
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** A rate limit, the network, a lost race: nobody is told unless it lasts; tried again after a back-off with jitter. */
export class TransientError extends Error {
  override readonly name = 'TransientError'
  readonly reason: string
  readonly retryAfterSeconds?: number
  constructor(reason: string, message: string, options?: ErrorOptions & { readonly retryAfterSeconds?: number }) {
    super(message, options)
    this.reason = reason
    if (options?.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** Credentials, permissions, a missing tool: the log in full, the requester one plain line, `/healthz` and a metric. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
  readonly reason: string
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

export type FailureKind = 'user' | 'transient' | 'operator' | 'bug'

/** Who must act. Anything that no adapter translated is ours. */
export function failureKind(error: unknown): FailureKind {
  if (error instanceof UserError) return 'user'
  if (error instanceof TransientError) return 'transient'
  if (error instanceof OperatorError) return 'operator'
  return 'bug'
}

/** The stable code of a failure, `bug` for what nobody translated. */
export const failureReason = (error: unknown): string =>
  error instanceof UserError || error instanceof TransientError || error instanceof OperatorError ? error.reason : 'bug'
