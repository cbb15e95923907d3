/** What the branch's own rules demand of a pull request, as far as it can be read without admin rights. */
export interface BranchRules {
  readonly pullRequestRequired: boolean
  readonly requiredApprovals: number
  /** Whether somebody else than the one who pushed last has to approve. */
  readonly lastPushApproval: boolean
  /** What else it demands of a pull request, by name, and nobody can tell from outside whether it is met. */
  readonly otherDemands: readonly string[]
  readonly requiredChecks: readonly { readonly name: string; readonly app: number | null }[]
  /** Whether a pull request must hold the newest commit of the branch, also for us. */
  readonly upToDate: boolean
  readonly allowsForcePush: boolean
  readonly allowsDeletion: boolean
  readonly allowedMergeMethods: readonly ('merge' | 'squash' | 'rebase')[]
  /** `always` and `pull-request` honour our bypass; `never` means that Sluice waits like anybody; `unknown` is shown so. */
  readonly bypass: 'always' | 'pull-request' | 'never' | 'unknown'
}

export interface Rules {
  ofBranch(branch: string): Promise<BranchRules>
}
