import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server, request as sendOn } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cosignSignatures } from '../../../../src/adapters/tools/cosign/cosign-signatures.ts'
import { type RunTool, runTool, type ToolCall } from '../../../../src/run-tool.ts'
import { pushImage } from '../../../../src/sandbox/registry/push-image.ts'
import { type Signer, signer } from '../../../../src/sandbox/registry/signer.ts'
import { type RunningRegistry, startRegistry } from '../../../../src/sandbox/registry/start-registry.ts'
import { tool } from '../../../tools.ts'

let folder: string
let cosign: string
let registry: RunningRegistry
let team: Signer
let stranger: Signer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cosign-test-'))
  cosign = await tool('cosign')
  registry = await startRegistry({ dir: join(folder, 'registry'), binary: await tool('registry') })
  team = await signer({ cosign, dir: join(folder, 'team') })
  stranger = await signer({ cosign, dir: join(folder, 'stranger') })
})
afterAll(async () => {
  await registry.stop()
  await rm(folder, { recursive: true, force: true })
})

let images = 0
async function newImage(repository = 'team/app') {
  const digest = await pushImage(registry.host, repository, { content: `image ${images++}` })
  return { digest, name: `${registry.host}/${repository}@${digest}` }
}

const signatures = (more: { runTool?: RunTool; httpRegistries?: readonly string[]; dockerConfig?: string } = {}) =>
  cosignSignatures({ cosign, httpRegistries: [registry.host], ...more })
const askTeam = (image: string) => signatures().byKey(image, team.publicKeyPem)

test('an image that the team signed is signed, in the format of cosign 3 and in that of cosign 2', async () => {
  const [bundle, legacy] = [await newImage(), await newImage()]
  await team.sign(bundle.name)
  await team.sign(legacy.name, 'legacy')
  expect(await askTeam(bundle.name)).toBe('signed')
  expect(await askTeam(legacy.name)).toBe('signed')
  expect(await askTeam(legacy.name.replace('@', ':v1@'))).toBe('signed')
})

test('T34 an unsigned image, and one that the registry does not have, carry no signature', async () => {
  const { name, digest } = await newImage()
  expect(await askTeam(name)).toBe('no-signature')
  expect(await askTeam(name.replace(digest, `sha256:${'0'.repeat(64)}`))).toBe('no-signature')
})

test('T34 a signature by another key is another signer’s, in either format', async () => {
  const [bundle, legacy] = [await newImage(), await newImage()]
  await stranger.sign(bundle.name)
  await stranger.sign(legacy.name, 'legacy')
  expect(await askTeam(bundle.name)).toBe('other-signer')
  expect(await askTeam(legacy.name)).toBe('other-signer')
})

test('a registry that wants credentials is asked with those of the Docker config.json', async () => {
  const { name, digest } = await newImage()
  await team.sign(name)
  const auth = Buffer.from('robot:secret').toString('base64')
  const guarded = createServer((request, response) => {
    if (request.headers.authorization !== `Basic ${auth}`) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end()
      return
    }
    const { method = 'GET', url: path = '/', headers } = request
    const passed = sendOn(new URL(path, `http://${registry.host}`), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(passed)
  })
  await new Promise<void>((done) => guarded.listen(0, '127.0.0.1', done))
  const host = `127.0.0.1:${(guarded.address() as AddressInfo).port}`
  const image = `${host}/team/app@${digest}`
  const withConfig = async (auths: object) => {
    const dockerConfig = await mkdtemp(join(folder, 'docker-'))
    await writeFile(join(dockerConfig, 'config.json'), JSON.stringify({ auths }))
    return signatures({ httpRegistries: [host], dockerConfig }).byKey(image, team.publicKeyPem)
  }
  expect(await withConfig({ [host]: { auth } })).toBe('signed')
  await expect(withConfig({})).rejects.toMatchObject({
    reason: 'signature.registry-denied',
    message: expect.stringContaining('SLUICE_DOCKER_CONFIG'),
  })
  await new Promise((done) => guarded.close(done))
})

test('an image that both signed is signed', async () => {
  const { name } = await newImage()
  await stranger.sign(name)
  await team.sign(name)
  expect(await askTeam(name)).toBe('signed')
})

test('T33 T34 a good signature for another digest does not count for this one', async () => {
  const [signed, moved] = [await newImage(), await newImage()]
  await team.sign(signed.name, 'legacy')
  await copyTag('team/app', `${tagOf(signed.digest)}.sig`, 'team/app', `${tagOf(moved.digest)}.sig`)
  expect(await askTeam(moved.name)).toBe('other-digest')
})

test('T33 T34 nor does a good bundle for another digest', async ({ skip }) => {
  skip(team.prefers === 'legacy', 'this cosign writes no bundles')
  const [bundled, target] = [await newImage(), await newImage()]
  await team.sign(bundled.name)
  await copyTag('team/app', tagOf(bundled.digest), 'team/app', tagOf(target.digest))
  expect(await askTeam(target.name)).toBe('other-digest')
})

test('T34 a `.sig` copied from another repository does not count, though digest and key fit', async () => {
  const original = await newImage('team/app')
  await team.sign(original.name, 'legacy')
  const copy = await pushImage(registry.host, 'evil/app', { content: `image ${images - 1}` })
  expect(copy).toBe(original.digest)
  await copyTag('team/app', `${tagOf(copy)}.sig`, 'evil/app', `${tagOf(copy)}.sig`)
  expect(await askTeam(`${registry.host}/evil/app@${copy}`)).toBe('other-repository')
})

test('T35 an SBOM attestation by the right key is no signature', async () => {
  const { name } = await newImage()
  await team.attestSbom(name)
  expect(await askTeam(name)).toBe('no-signature')
  await team.sign(name)
  expect(await askTeam(name)).toBe('signed')
})

test('T35 an SBOM by the right key does not stand in for a foreign signature, nor hide a good one of the older format', async () => {
  const [foreign, older] = [await newImage(), await newImage()]
  await team.attestSbom(foreign.name)
  await stranger.sign(foreign.name)
  expect(await askTeam(foreign.name)).toBe('other-signer')
  await team.attestSbom(older.name)
  await team.sign(older.name, 'legacy')
  expect(await askTeam(older.name)).toBe('signed')
})

test('T41 cosign gets a closed environment and a home of its own, which is gone afterwards', async () => {
  const { name } = await newImage()
  await team.sign(name)
  const calls: ToolCall[] = []
  const watched: RunTool = (call) => {
    calls.push(call)
    return runTool(call)
  }
  expect(await signatures({ runTool: watched }).byKey(name, team.publicKeyPem)).toBe('signed')
  const [call] = calls
  expect(Object.keys(call?.env ?? {}).sort()).toEqual(['COSIGN_MAX_ATTACHMENT_SIZE', 'HOME', 'TMPDIR', 'TUF_ROOT'])
  expect(call?.args.slice(-2)).toEqual(['--', name])
  await expect(readdir(call?.cwd ?? '')).rejects.toThrow()
})

test('what is no image by digest never reaches cosign', async () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const hostile = ['app:v1', '--key=/etc/passwd', `-rf@${digest}`, `../x@${digest}`, `a b@${digest}`, `A/b@${digest}`]
  for (const image of [...hostile, `x@${digest}@${digest}`, `x@${digest}\n`, `http://h/x@${digest}`]) {
    await expect(askTeam(image)).rejects.toMatchObject({ name: 'UserError', reason: 'signature.reference' })
  }
})

test('a key that is none is the manifest’s fault, not another signer', async () => {
  const { name } = await newImage()
  for (const key of ['', 'not a key', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n']) {
    await expect(signatures().byKey(name, key)).rejects.toMatchObject({ reason: 'signature.key' })
  }
})

test('a registry that is away is unreachable, and says nothing about the signature', async () => {
  const dir = join(folder, 'away')
  const away = await startRegistry({ dir, binary: await tool('registry') })
  const digest = await pushImage(away.host, 'team/app', { content: 'away' })
  const image = `${away.host}/team/app@${digest}`
  await team.sign(image)
  const ask = () => signatures({ httpRegistries: [away.host] }).byKey(image, team.publicKeyPem)
  await away.stop()
  await expect(ask()).rejects.toMatchObject({ name: 'TransientError', reason: 'signature.registry-unreachable' })
  const back = await startRegistry({ dir, binary: await tool('registry'), port: Number(away.host.split(':')[1]) })
  expect(await ask()).toBe('signed')
  await back.stop()
})

test('T39 a registry that hangs, fails, throttles or leads elsewhere is unreachable', { timeout: 60_000 }, async () => {
  const elsewhere: string[] = []
  const internal = await listen((request, response) => {
    elsewhere.push(request.url ?? '')
    response.end('{}')
  })
  const answers: readonly RequestListener[] = [
    () => {},
    (_, response) => response.writeHead(500).end(),
    (_, response) => response.writeHead(429, { 'retry-after': '7' }).end(),
    (_, response) => response.writeHead(307, { location: `http://${hostOf(internal)}/v2/` }).end(),
  ]
  for (const listener of answers) {
    const registry = await listen(listener)
    const ask = signatures({ httpRegistries: [hostOf(registry)] }).byKey(anyImageAt(registry), team.publicKeyPem)
    await expect(ask).rejects.toMatchObject({ name: 'TransientError', reason: 'signature.registry-unreachable' })
    await end(registry)
  }
  expect(elsewhere).toEqual([])
  await end(internal)
})

test('T39 a token service on an internal host is not asked, and refused credentials are the operator’s to mend', async () => {
  const challenges = [
    'Bearer realm="http://169.254.169.254/token"',
    'Bearer realm="https://10.0.0.1/token"',
    'Basic realm="x"',
  ]
  for (const challenge of challenges) {
    const registry = await listen((_, response) => response.writeHead(401, { 'www-authenticate': challenge }).end())
    const ask = signatures({ httpRegistries: [hostOf(registry)] }).byKey(anyImageAt(registry), team.publicKeyPem)
    await expect(ask).rejects.toMatchObject({ name: 'OperatorError', reason: 'signature.registry-denied' })
    await end(registry)
  }
})

test('T39 an image with more than 64 attachments is refused before cosign fetches them', async () => {
  const descriptor = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${'b'.repeat(64)}`,
    size: 2,
  }
  const registry = await listen((request, response) => {
    const body = request.url?.includes('/referrers/') ? { manifests: new Array(65).fill(descriptor) } : {}
    response.end(JSON.stringify(body))
  })
  const neverRun: RunTool = () => Promise.reject(new Error('cosign was run'))
  const ask = signatures({ httpRegistries: [hostOf(registry)], runTool: neverRun })
  await expect(ask.byKey(anyImageAt(registry), team.publicKeyPem)).rejects.toMatchObject({
    reason: 'signature.too-many',
  })
  await end(registry)
})

test('T30 a cosign that prints garbage, nothing or too much with exit code 0 is a broken tool, never a pass', async () => {
  const { name } = await newImage()
  await team.sign(name)
  for (const script of ['echo signed', 'exit 0', 'echo "{}"', 'kill -9 $$', 'yes']) {
    const fake = await fakeCosign(script)
    const ask = cosignSignatures({ cosign: fake, httpRegistries: [registry.host] }).byKey(name, team.publicKeyPem)
    await expect(ask).rejects.toMatchObject({ name: 'OperatorError', reason: 'signature.tool' })
  }
})

test('T42 a cosign that was swapped is not run, nor one that is not there', async () => {
  const { name } = await newImage()
  await team.sign(name)
  const path = await fakeCosign('exit 1')
  const held = cosignSignatures({ cosign: path, httpRegistries: [registry.host] })
  expect(await held.byKey(name, team.publicKeyPem)).toBe('other-signer')
  await writeFile(path, '#!/bin/sh\necho swapped\n', { mode: 0o755 })
  await expect(held.byKey(name, team.publicKeyPem)).rejects.toMatchObject({ reason: 'signature.tool' })
  const missing = cosignSignatures({ cosign: join(folder, 'missing'), httpRegistries: [registry.host] })
  await expect(missing.byKey(name, team.publicKeyPem)).rejects.toMatchObject({ reason: 'signature.tool' })
})

async function fakeCosign(script: string): Promise<string> {
  const path = join(await mkdtemp(join(folder, 'fake-')), 'cosign')
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return path
}

const tagOf = (digest: string): string => digest.replace(':', '-')

/** Copies a manifest under a tag, with the blobs and manifests that it names, as somebody who may push can. */
async function copyTag(from: string, tag: string, to: string, newTag: string): Promise<void> {
  const kind = tag.endsWith('.sig') ? 'manifest' : 'index'
  const response = await fetch(`http://${registry.host}/v2/${from}/manifests/${tag}`, {
    headers: { accept: `application/vnd.oci.image.${kind}.v1+json` },
  })
  const text = await response.text()
  const named: readonly { digest: string }[] = [JSON.parse(text).config ?? [], JSON.parse(text).layers ?? []].flat()
  for (const { digest } of named) {
    const mount = `http://${registry.host}/v2/${to}/blobs/uploads/?mount=${digest}&from=${from}`
    expect((await fetch(mount, { method: 'POST' })).ok).toBe(true)
  }
  const put = await fetch(`http://${registry.host}/v2/${to}/manifests/${newTag}`, {
    method: 'PUT',
    body: text,
    headers: { 'content-type': response.headers.get('content-type') ?? '' },
  })
  expect(put.status).toBe(201)
}

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

const hostOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`
const anyImageAt = (server: Server): string => `${hostOf(server)}/team/app@sha256:${'c'.repeat(64)}`

function end(server: Server): Promise<unknown> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}
