/** `README.md` at the root of the state branch, for people who find it. */
export const stateReadme = `# What Sluice remembers

This branch is written by Sluice alone. It holds what cannot be read from the default branch and the pull requests: commands
that were taken, health that was witnessed, quarantines, changes that went around the gates. What runs where is not here: that
is in the overlays on the default branch.

- \`events/<year>/<month>/<day>/<hour>/<id>.json\`: one fact per file, never changed. No file says "done"; what is still true is
  what all of them say together.
- \`snapshot.jsonl\`: older facts, one a line.

Every commit carries a code that only Sluice can make. A commit of somebody else, a branch that was set back or deleted makes
the whole branch untrusted: Sluice stops promoting until an operator has read it and run \`sluice state repair\`. To steer
Sluice, write a comment: \`/sluice help\`.
`
