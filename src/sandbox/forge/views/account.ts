import type { Account, Team, World } from '../model/world.ts'
import { apiOf, nodeId, timeOf } from './urls.ts'

export type Json = Readonly<Record<string, unknown>>

export function accountView(world: World, account: Account): Json {
  const url = `${apiOf(world)}/users/${encodeURIComponent(account.login)}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('User', account.id),
    avatar_url: `${world.url}/avatars/${account.id}`,
    gravatar_id: '',
    url,
    html_url: account.type === 'Bot' ? `${world.url}/apps/${world.app.slug}` : `${world.url}/${account.login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    site_admin: false,
  }
}

export const accountOrNull = (world: World, account: Account | null): Json | null =>
  account === null ? null : accountView(world, account)

/** As the users API shows one. */
export function publicUserView(world: World, account: Account): Json {
  return {
    ...accountView(world, account),
    user_view_type: 'public',
    name: null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: timeOf(account.createdAt),
    updated_at: timeOf(account.createdAt),
  }
}

export function organizationView(world: World, account: Account): Json {
  const url = `${apiOf(world)}/orgs/${account.login}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('Organization', account.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.url}/avatars/${account.id}`,
    description: null,
  }
}

export function teamView(world: World, team: Team): Json {
  const url = `${apiOf(world)}/organizations/${team.organization.id}/team/${team.id}`
  const created = timeOf(team.createdAt)
  return {
    id: team.id,
    node_id: nodeId('Team', team.id),
    name: team.slug,
    slug: team.slug,
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission: 'pull',
    url,
    html_url: `${world.url}/orgs/${team.organization.login}/teams/${team.slug}`,
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    type: 'organization',
    organization_id: team.organization.id,
    parent: null,
    members_count: team.members.size,
    repos_count: 0,
    created_at: created,
    updated_at: created,
    organization: {
      ...organizationView(world, team.organization),
      has_organization_projects: false,
      has_repository_projects: false,
      public_repos: 0,
      public_gists: 0,
      followers: 0,
      following: 0,
      html_url: `${world.url}/${team.organization.login}`,
      type: 'Organization',
      created_at: timeOf(team.organization.createdAt),
      updated_at: timeOf(team.organization.createdAt),
      archived_at: null,
    },
  }
}
