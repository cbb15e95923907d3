import type { Invitation } from './events.ts'
import type { SeenPull } from './forge-view.ts'
import type { Stage } from './stage.ts'

/** What somebody may try when the story is over: lines that work as they stand. */
export function invitations(stage: Stage, pulls: readonly SeenPull[]): readonly Invitation[] {
  const open = pulls.filter((pull) => pull.is === 'open')
  const talk = open[0]?.number ?? pulls[0]?.number ?? 1
  const waiting = open.find((pull) => pull.title.includes(' to production: '))
  return [
    { title: 'Comment, as mo, who maintains the repository:', lines: comment(stage, talk) },
    ...(waiting === undefined
      ? []
      : [
          {
            title: `Approve "${waiting.title}" as rita, who is an SRE; Sluice then merges it:`,
            lines: review(stage, waiting.number),
          },
        ]),
    { title: 'Commit, as ann, who writes code, and open a pull request:', lines: commit(stage) },
    ...stage.cluster.invitations,
  ]
}

const comment = (stage: Stage, pull: number): readonly string[] => [
  post(stage, 'mo', `issues/${pull}/comments`, { body: '/sluice status' }),
]

const review = (stage: Stage, pull: number): readonly string[] => [
  post(stage, 'rita', `pulls/${pull}/reviews`, { event: 'APPROVE' }),
]

const commit = (stage: Stage): readonly string[] => {
  const file = 'apps/api/overlays/production/kustomization.yaml'
  const address = `${stage.forge.url.replace('://', `://ann:${stage.people.ann.token}@`)}/${stage.repository}.git`
  return [
    `git clone ${address} sluice-demo-config && cd sluice-demo-config && git switch -c more-api`,
    `sed -i 's/count: 2/count: 3/' ${file}`,
    `git -c user.name=ann -c user.email=ann@example.com commit -am 'Run three api pods' && git push -u origin more-api`,
    post(stage, 'ann', 'pulls', { title: 'Run three api pods in production', head: 'more-api', base: 'main' }),
  ]
}

/** Prints the address of what it made, where Sluice's answer is to be seen in a moment. */
const post = ({ forge, people, repository }: Stage, who: keyof Stage['people'], path: string, body: object): string =>
  `curl -fsS -H 'Authorization: Bearer ${people[who].token}' -d '${JSON.stringify(body)}' ` +
  `${forge.apiUrl}/repos/${repository}/${path} | grep -o 'http[^"]*/pull/[0-9][^"]*' | head -1`
