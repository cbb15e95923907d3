/** An answer that is no success, thrown by whoever finds the reason. */
export class Refusal extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    status: number,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.status = status
    this.headers = headers
    this.details = details
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found')

/** As GitHub words a field that it does not accept. */
export const invalid = (resource: string, field: string, message: string): Refusal =>
  new Refusal(422, 'Validation Failed', { errors: [{ resource, field, code: 'custom', message }] })

export const documentation = 'https://docs.github.com/rest'
