import type { Instant } from '../../domain/ids.ts'
import type { Person } from '../../domain/person.ts'

export interface Comment {
  readonly id: number
  readonly pull: number
  readonly by: Person
  readonly ours: boolean
  /** The App that wrote it, where the forge names one. */
  readonly app: number | null
  readonly body: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
  readonly url: string
}

export type Reaction = 'eyes' | 'rocket' | '+1' | 'confused'

/** What it says now is not what people saw when it was written. */
export const isEdited = ({ createdAt, updatedAt }: Pick<Comment, 'createdAt' | 'updatedAt'>): boolean =>
  updatedAt !== createdAt

export interface Comments {
  /** Of the whole repository, updated since, oldest first. */
  since(instant: Instant): Promise<readonly Comment[]>
  onPull(pull: number): Promise<readonly Comment[]>
  /** Finds our comment on the pull request that ends with `marker`, and edits or creates it. */
  ensure(pull: number, marker: string, body: string): Promise<Comment>
  /** Decoration: repeating it changes nothing. */
  react(comment: number, reaction: Reaction): Promise<void>
}
