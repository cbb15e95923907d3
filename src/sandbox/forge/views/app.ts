import type { Installation, World } from '../model/world.ts'
import { accountView, type Json } from './account.ts'
import { apiOf, nodeId, timeOf, timeOrNull } from './urls.ts'

export const webhookEvents = [
  'check_run',
  'check_suite',
  'create',
  'delete',
  'issue_comment',
  'pull_request',
  'pull_request_review',
  'push',
  'status',
]

export function appView(world: World): Json {
  const { app } = world
  return {
    id: app.id,
    slug: app.slug,
    client_id: app.clientId,
    node_id: nodeId('App', app.id),
    owner: accountView(world, app.owner),
    name: app.slug,
    description: null,
    external_url: `${world.url}/apps/${app.slug}`,
    html_url: `${world.url}/apps/${app.slug}`,
    created_at: timeOf(app.createdAt),
    updated_at: timeOf(app.createdAt),
    permissions: app.permissions,
    events: webhookEvents,
  }
}

/** Who reports a check: our App in full, any other by id and slug. */
export const checkerView = (world: World, checker: { readonly id: number; readonly slug: string }): Json =>
  checker.id === world.app.id
    ? appView(world)
    : {
        ...appView(world),
        id: checker.id,
        slug: checker.slug,
        name: checker.slug,
        node_id: nodeId('App', checker.id),
        client_id: `Iv1.${checker.id}`,
      }

export function installationView(world: World, installation: Installation): Json {
  const url = `${apiOf(world)}/app/installations/${installation.id}`
  const isOrganization = installation.account.type === 'Organization'
  return {
    id: installation.id,
    client_id: world.app.clientId,
    account: accountView(world, installation.account),
    repository_selection: 'selected',
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${apiOf(world)}/installation/repositories`,
    html_url: `${world.url}/${installation.account.login}/installations/${installation.id}`,
    app_id: world.app.id,
    app_slug: world.app.slug,
    target_id: installation.account.id,
    target_type: isOrganization ? 'Organization' : 'User',
    permissions: installation.permissions,
    events: webhookEvents,
    created_at: timeOf(installation.createdAt),
    updated_at: timeOf(installation.createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.suspendedAt === null ? null : accountView(world, installation.account),
    suspended_at: timeOrNull(installation.suspendedAt),
  }
}
