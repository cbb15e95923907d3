import { describe, expect, test } from 'vitest'
import { helpText } from '../../src/commands/help-text.ts'
import { lockHolders } from '../../src/commands/lock-holders.ts'
import { type Asker, mayRollBack, mayRun, noFacts, type RightsFacts, rightText } from '../../src/commands/rights.ts'
import { verbs } from '../../src/commands/table.ts'
import type { Command } from '../../src/domain/command.ts'
import type { Directive } from '../../src/domain/directive.ts'
import { toInstant } from '../../src/domain/ids.ts'
import type { Role } from '../../src/domain/role.ts'

const rollback: Command = {
  verb: 'rollback',
  environment: 'production',
  application: 'api',
  to: null,
  reason: 'it burns',
}

describe('mayRun', () => {
  test.each<[Command, Role, Role]>([
    [{ verb: 'status', environment: null }, 'none', 'read'],
    [{ verb: 'help', about: null }, 'none', 'read'],
    [{ verb: 'promote', environment: null, application: null, release: null }, 'triage', 'write'],
    [{ verb: 'merge' }, 'triage', 'write'],
    [{ verb: 'hold', reason: null }, 'read', 'write'],
    [{ verb: 'lock', environment: 'production', application: null, forMs: null, reason: null }, 'triage', 'write'],
    [{ verb: 'freeze', environment: 'all', forMs: null, reason: null }, 'write', 'maintain'],
    [{ verb: 'thaw', environment: 'all' }, 'write', 'maintain'],
    [{ verb: 'unquarantine', environment: 'production', application: null, release: 'x' }, 'write', 'maintain'],
    [{ verb: 'resume', environment: 'production' }, 'write', 'maintain'],
    [{ verb: 'accept', sha: '0123456' }, 'write', 'maintain'],
    [rollback, 'write', 'maintain'],
  ])('%j is refused to %s and open to %s (T05)', (command, tooLittle, enough) => {
    expect(mayRun(command, somebody({ role: tooLittle }), noFacts).may).toBe(false)
    expect(mayRun(command, somebody({ role: enough }), noFacts)).toEqual({ may: true })
  })

  test('refuses where the forge did not tell the role', () => {
    expect(mayRun({ verb: 'merge' }, somebody({ role: undefined }), noFacts)).toEqual({
      may: false,
      reason: 'rights.role-unknown',
      needs: ['write'],
    })
  })

  describe('rollback', () => {
    const facts: RightsFacts = {
      ...noFacts,
      rollbackBy: ['acme/oncall'],
      applications: [{ name: 'api', owners: ['acme/team-api'] }],
    }

    test('is open to rollback.by and to the owners, without write', () => {
      for (const group of ['acme/oncall', 'acme/team-api']) {
        expect(mayRun(rollback, somebody({ role: 'read', groups: [group] }), facts)).toEqual({ may: true })
      }
    })

    test('is refused to others with write, and says who could', () => {
      expect(mayRun(rollback, somebody({ role: 'write' }), facts)).toEqual({
        may: false,
        reason: 'rights.not-in-group',
        needs: ['acme/oncall', 'acme/team-api', 'maintain'],
      })
    })

    test('is refused where membership cannot be known', () => {
      const right = mayRun(rollback, somebody({ role: 'write', unknown: ['acme/oncall'] }), facts)
      expect(right).toMatchObject({ may: false, reason: 'rights.membership-unknown' })
    })

    test('needs the ownership of every application that it touches', () => {
      const both = { ...facts, applications: [...facts.applications, { name: 'web', owners: ['acme/team-web'] }] }
      expect(mayRun(rollback, somebody({ role: 'read', groups: ['acme/team-api'] }), both).may).toBe(false)
      expect(mayRun(rollback, somebody({ role: 'read', groups: ['acme/team-api', 'acme/team-web'] }), both).may).toBe(
        true,
      )
    })

    test('decides the merge of a pull request that takes a promotion back', () => {
      const reverting = { ...facts, isRollbackPull: true }
      expect(mayRun({ verb: 'merge' }, somebody({ role: 'write' }), reverting).may).toBe(false)
      expect(mayRun({ verb: 'merge' }, somebody({ role: 'read', groups: ['acme/oncall'] }), reverting).may).toBe(true)
    })

    test('decides for reverts that come as pull requests', () => {
      expect(mayRollBack(somebody({ role: 'read', groups: ['acme/oncall'] }), facts).may).toBe(true)
      expect(mayRollBack(somebody({ role: 'write' }), facts).may).toBe(false)
    })
  })

  describe('locks', () => {
    const unlock: Command = { verb: 'unlock', environment: 'production', application: null }

    test('one lifts the own with write, another’s with maintain', () => {
      const mine = { ...noFacts, lockHolders: [7] }
      const anothers = { ...noFacts, lockHolders: [7, 8] }
      expect(mayRun(unlock, somebody({ role: 'write' }), mine).may).toBe(true)
      expect(mayRun(unlock, somebody({ role: 'write' }), anothers)).toEqual({
        may: false,
        reason: 'rights.lock-of-another',
        needs: ['maintain'],
      })
      expect(mayRun(unlock, somebody({ role: 'maintain' }), anothers).may).toBe(true)
    })

    test('a lock touches those of its own scope, an unlock all within', () => {
      const directives: Directive[] = [lock(1, 'production'), lock(2, 'production', 'api'), lock(3, 'staging')]
      expect(lockHolders({ ...unlock }, directives)).toEqual([1, 2])
      expect(lockHolders({ verb: 'unlock', environment: 'production', application: 'api' }, directives)).toEqual([2])
      const again: Command = { verb: 'lock', environment: 'production', application: null, forMs: null, reason: null }
      expect(lockHolders(again, directives)).toEqual([1])
      expect(lockHolders({ verb: 'merge' }, directives)).toEqual([])
    })
  })

  describe('a manual gate', () => {
    const gate: Command = { verb: 'gate', gate: 'signoff', refuse: false, reason: null }

    test('is answered by its group only, whatever the role', () => {
      const facts = { ...noFacts, gateFrom: ['acme/qa'] }
      expect(mayRun(gate, somebody({ role: 'admin' }), facts)).toMatchObject({
        reason: 'rights.not-in-group',
        needs: ['acme/qa'],
      })
      expect(mayRun(gate, somebody({ role: 'read', groups: ['acme/qa'] }), facts).may).toBe(true)
      expect(mayRun(gate, somebody({ role: 'admin', unknown: ['acme/qa'] }), facts)).toMatchObject({
        reason: 'rights.membership-unknown',
      })
    })

    test('takes write where it names nobody', () => {
      expect(mayRun(gate, somebody({ role: 'read' }), noFacts).may).toBe(false)
      expect(mayRun(gate, somebody({ role: 'write' }), noFacts).may).toBe(true)
    })
  })

  describe('bots', () => {
    const freeze: Command = { verb: 'freeze', environment: 'all', forMs: null, reason: null }
    const facts = { ...noFacts, bots: [{ appId: 1234, may: ['freeze'] }] }
    const bot = (appId: number | null): Asker => ({
      ...somebody({ role: 'admin' }),
      person: { id: 99, login: 'pager[bot]', kind: 'bot' },
      appId,
    })

    test('are refused, whatever their role (T05)', () => {
      expect(mayRun(freeze, bot(1), facts)).toEqual({ may: false, reason: 'rights.bot', needs: [] })
      expect(mayRun(freeze, bot(null), facts).may).toBe(false)
    })

    test('may what the manifest gives their App id, and nothing more', () => {
      expect(mayRun(freeze, bot(1234), facts).may).toBe(true)
      expect(mayRun({ verb: 'thaw', environment: 'all' }, bot(1234), facts).may).toBe(false)
    })

    test('of no App are matched by no entry', () => {
      expect(mayRun(freeze, bot(null), { ...noFacts, bots: [{ appId: 0, may: ['freeze'] }] }).may).toBe(false)
    })
  })

  test('says a refusal in one sentence with its code', () => {
    expect(rightText({ may: false, reason: 'rights.not-in-group', needs: ['acme/oncall', 'maintain'] })).toBe(
      'It takes `acme/oncall` or `maintain`. (`rights.not-in-group`)',
    )
  })
})

describe('helpText', () => {
  const facts = {
    about: null,
    shortVerbs: ['rollback'],
    rollbackBy: [{ environment: 'production', by: ['acme/oncall'] }],
    bots: [{ appId: 1234, may: ['freeze'] }],
  }

  test('shows every command of the table and who may run it', () => {
    const text = helpText(facts)
    for (const verb of verbs) expect(text).toContain(`| \`/sluice ${verb}`)
    expect(text).toContain("`production`: `acme/oncall`; the application's owners; maintain")
    expect(text).toContain('maintain; App 1234')
    expect(text).toContain('`/rollback`')
  })

  test('shows one command where one is asked for', () => {
    const rows = helpText({ ...facts, about: 'hold' })
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    expect(rows).toHaveLength(1)
    expect(rows[0]).toContain('/sluice hold')
  })
})

function somebody(wanted: {
  readonly role: Role | undefined
  readonly groups?: readonly string[]
  readonly unknown?: readonly string[]
}): Asker {
  return {
    person: { id: 7, login: 'ann', kind: 'person' },
    appId: null,
    role: wanted.role,
    memberOf: (group) => (wanted.unknown?.includes(group) ? undefined : (wanted.groups?.includes(group) ?? false)),
  }
}

function lock(by: number, environment: string, application?: string): Directive {
  const scope = application === undefined ? { environment } : { environment, application }
  return { kind: 'lock', scope, by, byLogin: `person-${by}`, at: toInstant(0), why: '', event: `event-${by}` }
}
