import { describe, expect, test } from 'vitest'
import { overlayFile, quickRules } from '../scenarios/a-config.ts'
import { aStage } from '../scenarios/a-stage.ts'
import { repo } from '../scenarios/scenario.ts'

const stage = aStage({ applications: ['api', 'web'], rules: quickRules })

/** A pull request on which nothing happens by itself: it changes production by hand. */
async function aPull(branch: string): Promise<number> {
  const { propose, file, eventually, said } = stage()
  const path = overlayFile('api', 'production')
  const number = await propose('ann', branch, { [path]: `${await file(path)}# ${branch}\n` })
  await eventually('its report', async () => (await said(number)).includes('sluice:report'))
  return number
}

describe.concurrent('a command', { timeout: 400_000 }, () => {
  test('of somebody who may only read is refused, with the reason (T05)', async () => {
    const { say, pull } = stage()
    const number = await aPull('by-eve')
    for (const text of [
      '/sluice merge',
      '/sluice freeze all',
      '/sluice promote staging --app api',
      '/sluice accept 0123456',
    ]) {
      const heard = await say('eve', number, text)
      expect(heard.reaction).toBe('confused')
      expect(heard.reply).toContain('`rights.')
    }
    expect((await pull(number)).merged_at).toBeNull()
  })

  test('of a bot is refused (T05)', async () => {
    const { forge, eventually, comments, pull } = stage()
    const number = await aPull('by-bot')
    const bot = forge.createBot('helper[bot]')
    forge.setRole('acme', 'config', 'helper[bot]', 'admin')
    const answer = await fetch(`${forge.apiUrl}/repos/${repo}/issues/${number}/comments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bot.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ body: '/sluice merge' }),
    })
    const { id } = (await answer.json()) as { readonly id: number }
    const reply = await eventually('a refusal', async () =>
      (await comments(number)).find(({ body }) => body.includes(`<!-- sluice:reply:${id} -->`)),
    )
    expect(reply.body).toContain('`rights.')
    expect((await pull(number)).merged_at).toBeNull()
  })

  test('of a collaborator who was removed a second ago is refused (T05)', async () => {
    const { forge, people, eventually, comments, pull } = stage()
    const number = await aPull('by-one-who-left')
    const left = forge.createUser('lea')
    forge.setRole('acme', 'config', 'lea', 'write')
    forge.faults.add({ kind: 'drop', operation: 'webhook', times: 1, where: ({ event }) => event === 'issue_comment' })
    const answer = await fetch(`${forge.apiUrl}/repos/${repo}/issues/${number}/comments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${left.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ body: '/sluice merge' }),
    })
    const { id } = (await answer.json()) as { readonly id: number }
    forge.setRole('acme', 'config', 'lea', 'read')
    await people.ann.review(repo, number, 'COMMENT', 'a look')
    const reply = await eventually('a refusal', async () =>
      (await comments(number)).find(({ body }) => body.includes(`<!-- sluice:reply:${id} -->`)),
    )
    expect(reply.body).toContain('`rights.')
    expect((await pull(number)).merged_at).toBeNull()
  })

  test('in an edited comment, a quote, a fence or the middle of a text is not taken (T05)', async () => {
    const { people, say, eventually, comments, pull } = stage()
    const number = await aPull('in-disguise')
    for (const text of ['> /sluice merge', '```\n/sluice merge\n```', 'please do\n/sluice merge', '    /sluice merge'])
      await people.mo.comment(repo, number, text)
    const edited = await people.mo.comment(repo, number, 'nothing to see')
    // The forge's clock of comments has whole seconds.
    const written = Date.now()
    await eventually('the next second', () => Date.now() - written > 1_100)
    await people.mo.editComment(repo, edited, '/sluice merge')
    const reply = await eventually('the edit is refused', async () =>
      (await comments(number)).find(({ body }) => body.includes(`<!-- sluice:edited:${edited} -->`)),
    )
    expect(reply.body).toContain('`commands.edited`')
    await say('mo', number, '/sluice status')
    expect((await pull(number)).merged_at).toBeNull()
  })

  test('that nobody heard of is found by the next sweep, and taken once (T57)', async () => {
    const { forge, say, pull, eventually, said } = stage()
    const number = await aPull('unheard')
    const lost = forge.faults.add({ kind: 'drop', operation: 'webhook' })
    try {
      expect((await say('ann', number, '/sluice hold --reason "unheard"')).reaction).toBe('rocket')
      await eventually('the hold is told', async () => (await said(number)).includes('`state.held`'))
      expect((await pull(number)).merged_at).toBeNull()
    } finally {
      lost.remove()
    }
  })

  test('with text of others in it is told back harmlessly', async () => {
    const { say } = stage()
    const number = await aPull('markup')
    const heard = await say('ann', number, '/sluice lock <img src=x> @acme/sre')
    expect(heard.reaction).toBe('confused')
    expect(heard.reply).not.toContain('<img')
    expect(heard.reply).not.toMatch(/(^|[^`\w])@acme\/sre/)
  })
})
