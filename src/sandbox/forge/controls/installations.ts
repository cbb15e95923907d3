import { announceInstallation, announceRepositories } from '../hooks/announce-installation.ts'
import { accountNamed } from '../model/accounts.ts'
import { addInstallation } from '../model/installations.ts'
import { repositoryNamed } from '../model/repositories.ts'
import type { Installation, World } from '../model/world.ts'
import type { SandboxForge } from '../sandbox-forge.ts'

type Installations = Pick<SandboxForge, 'install' | 'reinstall' | 'suspend' | 'setPermissions'>

/** Where the App is installed, on what and with which rights. */
export function installationsOf(world: World): Installations {
  return {
    install: (owner, names) => {
      const repositories = names.map((name) => repositoryNamed(world, owner, name))
      const installation = addInstallation(world, accountNamed(world, owner), repositories)
      announceInstallation(world, installation, 'created')
      return installation.id
    },
    reinstall: (id, names) => {
      const installation = installationNumbered(world, id)
      const wanted = new Set(names.map((name) => repositoryNamed(world, installation.account.login, name).id))
      const removed = [...installation.repositories].filter((one) => !wanted.has(one))
      const added = [...wanted].filter((one) => !installation.repositories.has(one))
      for (const one of removed) installation.repositories.delete(one)
      for (const one of added) installation.repositories.add(one)
      announceRepositories(world, installation, { added, removed })
    },
    suspend: (id, isSuspended) => {
      const installation = installationNumbered(world, id)
      installation.suspendedAt = isSuspended ? world.now() : null
      announceInstallation(world, installation, isSuspended ? 'suspend' : 'unsuspend')
    },
    setPermissions: (id, permissions) => {
      const installation = installationNumbered(world, id)
      installation.permissions = permissions
      announceInstallation(world, installation, 'new_permissions_accepted')
    },
  }
}

function installationNumbered(world: World, id: number): Installation {
  const installation = world.installations.get(id)
  if (installation === undefined) throw new Error(`The sandbox has no installation ${id}.`)
  return installation
}
