import { narratorOf, type StepOutcome, type Tell } from './events.ts'
import { NotSeen } from './eventually.ts'
import { type Scene, sceneOn } from './scene.ts'
import type { Stage } from './stage.ts'
import { commands } from './steps/commands.ts'
import { dark } from './steps/dark.ts'
import { editByHand } from './steps/edit-by-hand.ts'
import { kill } from './steps/kill.ts'
import { travel } from './steps/travel.ts'
import { unhealthy } from './steps/unhealthy.ts'
import { unsigned } from './steps/unsigned.ts'
import { whatIsSeen } from './what-is-seen.ts'

export const stepCount = 7

/** The seven steps, one after the other. Where one does not come out, the story stops there. */
export async function playStory(stage: Stage, tell: Tell): Promise<readonly StepOutcome[]> {
  const outcomes: StepOutcome[] = []
  const play = player(stage, tell, outcomes)
  try {
    const hand = await play('Somebody edits production by hand', 'gates bind every pull request', editByHand)
    const good = await play('A release travels', 'dev → staging → production, with Flux and with Argo CD', travel)
    await play('An image that nobody signed', 'dev does not ask, staging does', unsigned)
    const bad = await play('The cluster goes dark', 'out of sight is not ill, and not well', dark)
    await play('A release breaks production during a freeze', 'taken back by a revert in Git', (scene) =>
      unhealthy(scene, bad, good),
    )
    const newest = await play('kill -9 between a merge and its report', 'Git and the forge remember', kill)
    await play('People steer by comments', 'lock, explain, rollback, and who may not', (scene) =>
      commands(scene, { running: newest, before: good, talk: hand }),
    )
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
  }
  return outcomes
}

/** Already told, with what was seen. */
class StepFailed extends Error {
  override readonly name = 'StepFailed'
}

function player(stage: Stage, tell: Tell, outcomes: StepOutcome[]) {
  return async <T>(title: string, about: string, step: (scene: Scene) => Promise<T>): Promise<T> => {
    const number = outcomes.length + 1
    const since = performance.now()
    const scene = sceneOn(stage, narratorOf(tell, number))
    const end = (ok: boolean) => {
      const outcome = { step: number, title, ok, seconds: Math.round((performance.now() - since) / 100) / 10 }
      outcomes.push(outcome)
      tell({ event: 'step.ends', ...outcome })
    }
    tell({ event: 'step.begins', step: number, title, about })
    try {
      const result = await Promise.race([step(scene), stage.server.fallen])
      end(true)
      return result
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const awaited = error instanceof NotSeen ? error.awaited : `step ${number} goes through`
      const seen = await whatIsSeen(scene)
      tell({ event: 'step.failed', step: number, awaited, why, ...seen, logFile: stage.server.logFile })
      end(false)
      throw new StepFailed(title, { cause: error })
    }
  }
}
