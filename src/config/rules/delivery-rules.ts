import type { Rule } from './rule.ts'

/** `none` means that nothing is watched, so nothing else can stand beside it. */
export const noneStandsAlone: Rule = ({ environments }) =>
  environments.flatMap(({ document, checked }) => {
    const at = checked.spec.delivery.findIndex(({ type }) => type === 'none')
    if (at === -1 || checked.spec.delivery.length === 1) return []
    const message = 'Delivery `none` means that nothing is watched, and stands alone'
    return [{ document, code: 'config.contradiction', path: ['spec', 'delivery', at], on: 'value', message }]
  })

/** What counts as healthy after `settle` must be able to do so before `deadline`. */
export const settleBeforeDeadline: Rule = ({ environments }) =>
  environments
    .filter(({ checked }) => checked.spec.health.settle >= checked.spec.health.deadline)
    .map(({ document }) => ({
      ...({ document, code: 'config.contradiction', path: ['spec', 'health'], on: 'key' } as const),
      message: '`settle` must be shorter than `deadline`, or nothing ever becomes healthy in time',
    }))

/** A revert after a failure needs a failure that can be seen. */
export const rollbackNeedsSight: Rule = ({ environments }) =>
  environments
    .filter(({ checked }) => checked.spec.rollback.when === 'unhealthy' && checked.spec.delivery[0]?.type === 'none')
    .map(({ document }) => ({
      ...({ document, code: 'config.contradiction', path: ['spec', 'rollback', 'when'], on: 'value' } as const),
      message: '`unhealthy` needs a delivery that shows health; with `none` nothing is ever seen to fail',
    }))
