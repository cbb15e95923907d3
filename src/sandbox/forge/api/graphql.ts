import { Ajv } from 'ajv'
import type { Described } from './openapi.ts'

const anything = new Ajv().compile({ type: 'object' })

/** No part of GitHub's REST description; every call of it is a POST of a query and its variables. */
export const graphql: Described = {
  id: 'graphql/disable-pull-request-auto-merge',
  method: 'POST',
  template: '/graphql',
  checkPath: anything,
  checkQuery: anything,
  checkBody: new Ajv().compile({ type: 'object', required: ['query'], properties: { query: { type: 'string' } } }),
  checkAnswer: new Map([[200, anything]]),
}
