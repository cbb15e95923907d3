import { noneStandsAlone, rollbackNeedsSight, settleBeforeDeadline } from './delivery-rules.ts'
import {
  addedSoakNeedsUpstream,
  checksAreOfOthers,
  gateEnvironmentsExist,
  gateNamesDiffer,
  sourceIsKnown,
  upstreamNeedsPromotesFrom,
} from './gate-rules.ts'
import { applicationsAreNamedOnce, onePlaceholder, overlaysDiffer } from './overlays.ts'
import { entryOnlyFirst, noCircle, promotionKeysNotFirst, upstreamsExist } from './promotion-path.ts'
import type { Rule } from './rule.ts'
import { sharedOverlaysAreDivided } from './shared-overlays.ts'
import { uniqueNames } from './unique-names.ts'
import { renamesNeedImages, somethingTravels } from './what-travels.ts'

/** What must hold beyond the shape of each manifest; each rule looks at everything and stops for nothing. */
export const allRules: readonly Rule[] = [
  uniqueNames,
  upstreamsExist,
  noCircle,
  entryOnlyFirst,
  promotionKeysNotFirst,
  onePlaceholder,
  applicationsAreNamedOnce,
  overlaysDiffer,
  sharedOverlaysAreDivided,
  gateNamesDiffer,
  gateEnvironmentsExist,
  upstreamNeedsPromotesFrom,
  addedSoakNeedsUpstream,
  somethingTravels,
  renamesNeedImages,
  checksAreOfOthers,
  sourceIsKnown,
  noneStandsAlone,
  settleBeforeDeadline,
  rollbackNeedsSight,
]
