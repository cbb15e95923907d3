import { createHash } from 'node:crypto'

interface Blob {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly bytes: Buffer
}

/**
 * Pushes a minimal OCI image (a configuration and one layer with one file) and returns its digest. The same content gives
 * the same digest, in any repository. Without a tag it is found by digest only.
 */
export async function pushImage(
  host: string,
  repository: string,
  image: { readonly tag?: string; readonly content: string },
): Promise<string> {
  const layer = blob('application/vnd.oci.image.layer.v1.tar', tarOf('content', image.content))
  const config = blob('application/vnd.oci.image.config.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  })
  const manifest = blob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor(config),
    layers: [descriptor(layer)],
  })
  const at = `http://${host}/v2/${repository}`
  for (const part of [layer, config]) await upload(at, part)
  await demand('PUT', `${at}/manifests/${image.tag ?? manifest.digest}`, manifest.bytes, manifest.mediaType)
  return manifest.digest
}

async function upload(at: string, part: Blob): Promise<void> {
  const opened = await demand('POST', `${at}/blobs/uploads/`)
  const target = new URL(opened.headers.get('location') ?? '', at)
  target.searchParams.set('digest', part.digest)
  await demand('PUT', target.href, part.bytes, 'application/octet-stream')
}

async function demand(method: string, url: string, bytes?: Buffer, contentType?: string): Promise<Response> {
  const response = await fetch(url, {
    method,
    ...(bytes === undefined ? {} : { body: new Uint8Array(bytes) }),
    ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return response
}

function blob(mediaType: string, content: Buffer | object): Blob {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  return { mediaType, digest, size: bytes.length, bytes }
}

const descriptor = ({ mediaType, digest, size }: Blob) => ({ mediaType, digest, size })

/** One regular file in the ustar format: a header of 512 bytes, the content, zeros up to the next block and two more. */
function tarOf(name: string, content: string): Buffer {
  const body = Buffer.from(content)
  const header = Buffer.alloc(512)
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`
  const fields: readonly (readonly [number, string])[] = [
    [0, name],
    [100, octal(0o644, 8)],
    [108, octal(0, 8)],
    [116, octal(0, 8)],
    [124, octal(body.length, 12)],
    [136, octal(0, 12)],
    [148, ' '.repeat(8)],
    [156, '0'],
    [257, 'ustar\u000000'],
  ]
  for (const [offset, text] of fields) header.write(text, offset, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512), Buffer.alloc(1024)])
}
