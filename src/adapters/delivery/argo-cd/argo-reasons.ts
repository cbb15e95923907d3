/** A sentence for every reason code that the judge of Applications gives. */
export const argoReasons = {
  'argo.missing': 'The cluster has no Argo CD Application of the configured name.',
  'argo.malformed': 'The Application does not look like one of argoproj.io/v1alpha1.',
  'argo.being-deleted': 'The Application is being deleted.',
  'argo.hydrated': 'The Application uses the source hydrator, which Sluice does not judge.',
  'argo.not-ours':
    'The Application follows another repository, branch or folder, so its health says nothing about this one.',
  'argo.other-sources':
    'The Application renders other sources beside the overlay, which no gate has seen and which may replace what it says.',
  'argo.images-overridden': 'The Application replaces images by itself, so what runs is not what Git says.',
  'argo.patched': 'The Application patches what the overlay renders, or adds components to it.',
  'argo.not-kustomize': 'Argo CD does not build the folder with kustomize, so what it applies is not what was judged.',
  'argo.images-ignored':
    'The Application ignores differences of images, so it is called synced whether or not the image of the release was applied.',
  'argo.reconcile-skipped': 'Argo CD is told to skip this Application; somebody has to remove the annotation.',
  'argo.invalid-spec': 'Argo CD refuses the spec of the Application.',
  'argo.comparison-error': 'Argo CD cannot fetch the repository or generate its manifests; what runs is not affected.',
  'argo.not-started': 'Argo CD has not looked at the Application yet.',
  'argo.spec-not-compared': 'Argo CD has not acted on the newest spec of the Application yet.',
  'argo.syncing': 'Argo CD is syncing.',
  'argo.prune-unconfirmed': 'Argo CD waits until somebody confirms that it may delete an object.',
  'argo.sync-failed': 'The sync failed, and Argo CD does not try this commit again by itself.',
  'argo.sync-error': 'Argo CD could not carry the sync out.',
  'argo.sync-unfinished': 'The last sync ended before it was done; somebody has to sync the Application again.',
  'argo.sync-refused': 'Argo CD refuses to sync the Application by itself; somebody has to look why, and sync it.',
  'argo.hook-failed': 'The Application is synced, and a hook of that sync failed.',
  'argo.hooks-not-run':
    'Hooks of an older commit failed, and those of this one have not run; somebody has to sync the Application.',
  'argo.sync-window': 'A closed sync window holds the sync back.',
  'argo.manual-sync': 'The Application is synced by hand; somebody has to sync it.',
  'argo.drifted':
    'What runs has come to differ from Git, and Argo CD does not put it right by itself; somebody has to sync it, or to let it heal itself.',
  'argo.out-of-sync': 'Argo CD has seen a difference and not synced it yet.',
  'argo.sync-unknown': 'Argo CD does not know whether the Application is synced.',
  'argo.revision-unreadable': 'The revision that Argo CD reports is not a commit.',
  'argo.health-stale': 'The reported health is older than the last sync.',
  'argo.workload-crashing': 'Pods of a workload crash, since Argo CD last looked at its health.',
  'argo.healthy': 'The Application is synced and healthy.',
  'argo.degraded': 'The Application is synced, and its resources are degraded.',
  'argo.suspended': 'A resource of the Application is suspended; somebody has to resume it.',
  'argo.progressing': 'The Application is synced, and its resources are not healthy yet.',
  'argo.health-unknown': 'Argo CD reports a health that says nothing about the release.',
} as const
