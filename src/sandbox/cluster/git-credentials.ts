import type { GitCredentials } from './git-source.ts'
import type { KubeObject } from './kube-object.ts'
import type { ObjectStore } from './object-store.ts'

/** As Flux finds them: in the Secret that `spec.secretRef` of the GitRepository names. */
export function gitCredentials(store: ObjectStore, source: KubeObject): GitCredentials | undefined {
  const name = (source.spec?.secretRef as { name?: string } | undefined)?.name
  if (name === undefined) return undefined
  const secret = store.get({ collection: 'v1/secrets', namespace: source.metadata.namespace ?? '', name })
  return secret === undefined ? undefined : credentialsIn(secret)
}

/** As Argo CD finds them: in a Secret of its namespace, labelled as a repository, with that address. */
export function repositoryCredentials(store: ObjectStore, namespace: string, url: string): GitCredentials | undefined {
  const secret = store
    .list('v1/secrets', namespace)
    .filter((one) => one.metadata.labels?.['argocd.argoproj.io/secret-type'] === 'repository')
    .find((one) => dataOf(one, 'url') === url)
  return secret === undefined ? undefined : credentialsIn(secret)
}

function credentialsIn(secret: KubeObject): GitCredentials | undefined {
  const username = dataOf(secret, 'username')
  const password = dataOf(secret, 'password')
  return username === undefined || password === undefined ? undefined : { username, password }
}

function dataOf(secret: KubeObject, key: string): string | undefined {
  const plain = (secret.stringData as Record<string, string> | undefined)?.[key]
  const encoded = (secret.data as Record<string, string> | undefined)?.[key]
  return plain ?? (encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString())
}
