import { z } from 'zod'

/** An object of exactly these keys. Its message for an unknown one lists the keys that there are, for the diagnostic. */
export const strictObject = <Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
  })
