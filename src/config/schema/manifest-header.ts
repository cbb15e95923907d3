import { z } from 'zod'

export const supportedApiVersion = 'sluice.dev/v1alpha1'

export const apiVersion = () => z.literal(supportedApiVersion)
