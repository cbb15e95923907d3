/** How the body of a pull request of ours begins once it is merged: written by a report, and read back after a restart. */
export const mergedWord = '**Merged**'

/** Whether a body tells that its pull request is merged. */
export const tellsMerged = (body: string): boolean => body.startsWith(mergedWord)
