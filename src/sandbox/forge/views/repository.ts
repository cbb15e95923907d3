import { atLeast, roleOf } from '../model/accounts.ts'
import { fullName } from '../model/repositories.ts'
import { openPulls } from '../model/repository.ts'
import type { Actor, Repository, RoleName, World } from '../model/world.ts'
import { accountView, type Json, organizationView } from './account.ts'
import { apiOfRepository, nodeId, pageOf, timeOf } from './urls.ts'

/** As it is embedded in pull requests, installations and webhooks. */
export function repositoryView(world: World, repository: Repository): Json {
  const open = openPulls(repository).length
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.isPrivate,
    owner: accountView(world, repository.owner),
    html_url: pageOf(world, repository),
    description: null,
    fork: repository.parent !== undefined,
    url: apiOfRepository(world, repository),
    ...templateUrls(apiOfRepository(world, repository)),
    ...gitUrls(world, repository),
    homepage: null,
    language: null,
    forks_count: 0,
    stargazers_count: 0,
    watchers_count: 0,
    size: 1,
    default_branch: repository.defaultBranch,
    open_issues_count: open,
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: true,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: repository.isPrivate ? 'private' : 'public',
    pushed_at: timeOf(repository.pushedAt),
    created_at: timeOf(repository.createdAt),
    updated_at: timeOf(repository.pushedAt),
    license: null,
    forks: 0,
    open_issues: open,
    watchers: 0,
    web_commit_signoff_required: false,
    custom_properties: {},
    allow_merge_commit: repository.allowsMergeCommits,
    allow_squash_merge: true,
    allow_rebase_merge: false,
    allow_auto_merge: true,
    delete_branch_on_merge: false,
    allow_update_branch: false,
  }
}

/** As the `push` webhook shows it, and nothing else: times in seconds, the owner with a name. */
export function pushedRepositoryView(world: World, repository: Repository): Json {
  return {
    ...repositoryView(world, repository),
    owner: { ...accountView(world, repository.owner), name: repository.owner.login, email: '' },
    created_at: Math.floor(repository.createdAt / 1000),
    pushed_at: Math.floor(repository.pushedAt / 1000),
    stargazers: 0,
    master_branch: repository.defaultBranch,
  }
}

/** As `repos/get` shows it, with what the asker may do. */
export function fullRepositoryView(world: World, repository: Repository, actor: Actor): Json {
  const isOrganization = repository.owner.type === 'Organization'
  return {
    ...repositoryView(world, repository),
    ...(actor.kind === 'person' ? { permissions: permissionsOf(roleOf(world, repository, actor.account)) } : {}),
    merge_commit_title: 'MERGE_MESSAGE',
    merge_commit_message: 'PR_TITLE',
    subscribers_count: 0,
    network_count: 0,
    ...(isOrganization ? { organization: accountView(world, repository.owner) } : {}),
    ...(repository.parent === undefined ? {} : parents(world, repository.parent)),
  }
}

function parents(world: World, parent: Repository): Json {
  const view = repositoryView(world, parent)
  return { parent: view, source: view }
}

export const permissionsOf = (role: RoleName): Json => ({
  admin: atLeast(role, 'admin'),
  maintain: atLeast(role, 'maintain'),
  push: atLeast(role, 'write'),
  triage: atLeast(role, 'triage'),
  pull: atLeast(role, 'read'),
})

function gitUrls(world: World, repository: Repository): Json {
  const host = new URL(world.url).host
  const page = pageOf(world, repository)
  return {
    git_url: `git://${host}/${fullName(repository)}.git`,
    ssh_url: `git@${host}:${fullName(repository)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
  }
}

const suffixes: Readonly<Record<string, string>> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
}

const templateUrls = (api: string): Json =>
  Object.fromEntries(Object.entries(suffixes).map(([key, suffix]) => [key, api + suffix]))

/** As webhooks name the organisation, where there is one. */
export const organizationOf = (world: World, repository: Repository): Json =>
  repository.owner.type === 'Organization' ? { organization: organizationView(world, repository.owner) } : {}
