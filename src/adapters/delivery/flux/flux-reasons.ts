/** A sentence for every reason code that the judge of Kustomizations gives. */
export const fluxReasons = {
  'flux.missing': 'The cluster has no Flux Kustomization of the configured name.',
  'flux.malformed': 'The Kustomization does not look like one of kustomize.toolkit.fluxcd.io/v1.',
  'flux.being-deleted': 'The Kustomization is being deleted.',
  'flux.source-not-git':
    'The source of the Kustomization is no GitRepository, so nothing proves that what it applies is in this repository.',
  'flux.source-missing': 'The GitRepository that the Kustomization names is not there, or cannot be read.',
  'flux.not-ours':
    'The Kustomization follows another repository, branch or folder, so its health says nothing about this one.',
  'flux.images-overridden': 'The Kustomization replaces images by itself, so what runs is not what Git says.',
  'flux.images-ignored': 'The Kustomization ignores differences of images, so a new one is called applied and is not.',
  'flux.patched': 'The Kustomization patches what the overlay renders, or adds components to it.',
  'flux.source-included': 'The GitRepository mixes files of another repository in, which no gate has seen.',
  'flux.suspended': 'Flux is suspended for this Kustomization; somebody has to resume it.',
  'flux.source-suspended':
    'Flux is suspended for the GitRepository, so nothing new comes; what runs is not affected. Somebody has to resume it.',
  'flux.spec-not-observed': 'Flux has not acted on the newest spec of the Kustomization yet.',
  'flux.stalled': 'Flux has given up on the Kustomization for what its own spec says; somebody has to change it.',
  'flux.source-not-fetched': 'Flux cannot fetch the repository; what runs is not affected.',
  'flux.dependency-not-ready': 'Flux waits for another Kustomization that this one depends on.',
  'flux.health-check-cancelled': 'Flux gave up the health check because a newer revision came.',
  'flux.health-check-failed': 'Flux applied the revision, and its objects did not become healthy in time.',
  'flux.build-failed': 'Flux cannot build the overlay.',
  'flux.apply-failed': 'The cluster refused what Flux applied.',
  'flux.prune-failed': 'Flux could not remove what is no longer in the overlay.',
  'flux.not-started': 'Flux has not looked at the Kustomization yet.',
  'flux.rechecking': 'Flux checks again what it has applied.',
  'flux.reconciling': 'Flux is applying a revision.',
  'flux.outcome-not-known': 'Flux reports an outcome that Sluice does not know.',
  'flux.revision-unreadable': 'The revision that Flux reports is not a commit.',
  'flux.workload-paused':
    'A workload that Flux applied is paused, or its pods follow only once somebody deletes them; somebody has to bring it further.',
  'flux.workload-failed': 'A workload that Flux applied failed, or is over its progress deadline.',
  'flux.workload-crashing': 'Pods of a workload crash, since Flux last checked its health.',
  'flux.workload-progressing': 'A workload that Flux applied is rolling out.',
  'flux.left-alone':
    'In the cluster a workload carries a word by which Flux leaves it alone; somebody has to take that away.',
  'flux.healthy': 'Flux has applied the revision, and its objects are healthy.',
  'flux.not-health-checked': 'Flux does not check the health of these objects, and Sluice cannot judge them itself.',
} as const
