import { OperatorError } from '../../../src/domain/failures.ts'

/** What the machine lacks, in words for the one who started the tests, or the demonstration. */
export class RigUnavailable extends OperatorError {
  constructor(message: string, options?: ErrorOptions) {
    super('rig.unavailable', message, options)
  }
}
