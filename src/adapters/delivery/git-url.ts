/**
 * A repository's address in the form in which two ways to write it are equal: `https://host/owner/name`, without user,
 * `.git` or trailing slash, in lower case, since GitHub tells no names apart by it (nor does Argo CD, `util/git/git.go`);
 * scp-like and ssh addresses as https. Other schemes stay what they are.
 */
export function normalGitUrl(address: string): string {
  const scp = /^(?:[^@/\s]+@)([^:/\s]+):(?!\/\/)(.+)$/.exec(address)
  const url = scp === null ? address : `ssh://${scp[1]}/${scp[2]}`
  const parsed = URL.parse(url)
  if (parsed === null) return withoutSuffix(url)
  const remote = ['https:', 'ssh:', 'git:'].includes(parsed.protocol)
  if (!remote) return withoutSuffix(`${parsed.protocol}//${parsed.host}${parsed.pathname}`)
  // The port of an ssh address says nothing about the https one.
  const host = parsed.protocol === 'ssh:' ? withoutFirewall(parsed.hostname) : parsed.host
  return withoutSuffix(`https://${host}${parsed.pathname.replaceAll(/\/+/g, '/')}`.toLowerCase())
}

/** https://docs.github.com/en/authentication/troubleshooting-ssh/using-ssh-over-the-https-port */
const withoutFirewall = (host: string): string => (host.toLowerCase() === 'ssh.github.com' ? 'github.com' : host)

const withoutSuffix = (url: string): string => url.replace(/\/+$/, '').replace(/\.git$/, '')

/** A folder of a repository without `./` before or slashes around it; the root is empty. */
export const normalFolder = (path: string): string =>
  path
    .split('/')
    .filter((word) => word !== '' && word !== '.')
    .join('/')
