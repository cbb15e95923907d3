/** How our check tells that the forge itself would not merge: written by a report, and read back by the merge lane. */
export const forgeRefused = 'the forge refused the merge'

/** Whether the check of a head was shown so. */
export const saysForgeRefused = (title: string): boolean => title.startsWith(`waits: ${forgeRefused}`)
