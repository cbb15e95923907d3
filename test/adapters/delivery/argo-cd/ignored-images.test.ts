import { expect, test } from 'vitest'
import { hidesImages } from '../../../../src/adapters/delivery/argo-cd/ignored-images.ts'

const pointer = (path: string) => hidesImages({ jsonPointers: [path], jqPathExpressions: [] })
const expression = (jq: string) => hidesImages({ jsonPointers: [], jqPathExpressions: [jq] })

test.each([
  '/spec/template/spec/containers/0/image',
  '/spec/template/spec/initContainers/1',
  '/spec/template/spec/containers',
  '/spec/template',
  '/spec',
  '',
  '/spec/jobTemplate/spec/template/spec/containers/0/image',
])('the pointer "%s" hides an image', (path) => {
  expect(pointer(path)).toBe(true)
})

test.each([
  '/spec/replicas',
  '/spec/template/spec/containers/0/resources/limits',
  '/spec/template/metadata/annotations',
  '/data',
  '/webhooks/0/clientConfig/caBundle',
])('the pointer "%s" hides none', (path) => {
  expect(pointer(path)).toBe(false)
})

test.each([
  '.spec.template.spec.containers[].image',
  '.spec.template.spec.containers[]?.image',
  '.spec.template.spec.containers[0]["image"]',
  '.spec.template.spec.containers[] | select(.name == "api")',
  '.spec.template.spec.initContainers',
  '.spec.template',
  '..|.image?',
  '.',
])('the expression `%s` hides an image', (jq) => {
  expect(expression(jq)).toBe(true)
})

test.each([
  '.spec.replicas',
  '.spec.template.spec.containers[].resources',
  '.spec.template.spec.containers[] | select(.name == "api").env',
  '.spec.template.spec.containers[] | select(.name == "api") | .env[]',
  '.webhooks[]?.clientConfig.caBundle',
  '.metadata.annotations["example.com/at"]',
])('the expression `%s` hides none', (jq) => {
  expect(expression(jq)).toBe(false)
})
