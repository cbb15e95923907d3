import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Runs before a push is accepted, where the new objects can be seen: refuses what the rules refused (`SANDBOX_REFUSED`),
 * and what is no fast-forward of a ref that may only go forward (`SANDBOX_FORWARD_ONLY`, one ref per line).
 */
const script = `#!/bin/sh
fail() {
  printf 'error: GH013: Repository rule violations found.\\n%s\\n' "$1" >&2
  exit 1
}
test -z "$SANDBOX_REFUSED" || fail "$SANDBOX_REFUSED"
while read -r before after ref; do
  printf '%s\\n' "$SANDBOX_FORWARD_ONLY" | grep -qxF -- "$ref" || continue
  git merge-base --is-ancestor "$before" "$after" || fail "Cannot force-push to this branch ($ref)"
done
`

export async function installPushHook(dir: string): Promise<void> {
  const file = join(dir, 'hooks', 'pre-receive')
  await mkdir(join(dir, 'hooks'), { recursive: true })
  await writeFile(file, script)
  await chmod(file, 0o755)
}
