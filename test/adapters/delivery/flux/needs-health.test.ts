import { expect, test } from 'vitest'
import { inventoryOf } from '../../../../src/adapters/delivery/flux/kustomization.ts'
import { needsHealth } from '../../../../src/adapters/delivery/flux/needs-health.ts'
import { isWorkload } from '../../../../src/adapters/delivery/workloads/workload.ts'

const entry = (kind: string, group: string) => ({ kind, group, namespace: 'api', name: 'api' })
const kinds = (text: string) =>
  text.split(' ').map((word): [string, string] => {
    const [kind = '', ...group] = word.split('.')
    return [kind, group.join('.')]
  })

// What an overlay of an ordinary application holds.
const ordinary = [
  'Namespace Service ConfigMap Secret ServiceAccount PersistentVolumeClaim ResourceQuota LimitRange CronJob.batch',
  'Ingress.networking.k8s.io NetworkPolicy.networking.k8s.io HorizontalPodAutoscaler.autoscaling',
  'PodDisruptionBudget.policy Role.rbac.authorization.k8s.io ClusterRoleBinding.rbac.authorization.k8s.io',
  'CustomResourceDefinition.apiextensions.k8s.io ValidatingWebhookConfiguration.admissionregistration.k8s.io',
  'StorageClass.storage.k8s.io PriorityClass.scheduling.k8s.io VerticalPodAutoscaler.autoscaling.k8s.io',
  'HTTPRoute.gateway.networking.k8s.io Gateway.gateway.networking.k8s.io VirtualService.networking.istio.io',
  'AuthorizationPolicy.security.istio.io IngressRoute.traefik.io CiliumNetworkPolicy.cilium.io',
  'ServiceMonitor.monitoring.coreos.com PodMonitor.monitoring.coreos.com PrometheusRule.monitoring.coreos.com',
  'GrafanaDashboard.grafana.integreatly.org VMServiceScrape.operator.victoriametrics.com',
  'Certificate.cert-manager.io Issuer.cert-manager.io SealedSecret.bitnami.com ExternalSecret.external-secrets.io',
  'SecretStore.external-secrets.io SecretProviderClass.secrets-store.csi.x-k8s.io ScaledObject.keda.sh',
  'Policy.kyverno.io HelmRepository.source.toolkit.fluxcd.io ImagePolicy.image.toolkit.fluxcd.io',
  'MetricTemplate.flagger.app AnalysisTemplate.argoproj.io AppProject.argoproj.io',
].join(' ')

test.each(kinds(ordinary))('%s.%s needs no health', (kind, group) => {
  expect(needsHealth(entry(kind, group))).toBe(false)
  expect(isWorkload(entry(kind, group))).toBe(false)
})

// What runs something, makes something run, or is of a kind that nobody knows.
const running = [
  'Pod ReplicationController ReplicaSet.apps HelmRelease.helm.toolkit.fluxcd.io',
  'Kustomization.kustomize.toolkit.fluxcd.io Canary.flagger.app Workflow.argoproj.io',
  'Application.argoproj.io ApplicationSet.argoproj.io Service.serving.knative.dev Prometheus.monitoring.coreos.com',
  'ScaledJob.keda.sh Cluster.postgresql.cnpg.io Kafka.kafka.strimzi.io SparkApplication.sparkoperator.k8s.io',
  'Job.batch.volcano.sh Deployment.apps.example Anything.example.com Grafana.grafana.integreatly.org',
  'VMSingle.operator.victoriametrics.com JobSet.jobset.x-k8s.io toString.constructor',
].join(' ')

test.each(kinds(running))('%s.%s needs health, and is no workload whose status Sluice knows', (kind, group) => {
  expect(needsHealth(entry(kind, group))).toBe(true)
  expect(isWorkload(entry(kind, group))).toBe(false)
})

test('an entry of the inventory is of its API', () => {
  const status = {
    inventory: { entries: [{ id: 'api_a_apps_Deployment' }, { id: '_x__y_rbac.authorization.k8s.io_ClusterRole' }] },
  }
  const [deployment, role] = inventoryOf({ status: { conditions: [], history: [], ...status } })
  expect(deployment).toEqual({ group: 'apps', kind: 'Deployment', namespace: 'api', name: 'a' })
  expect(deployment !== undefined && isWorkload(deployment)).toBe(true)
  expect(role).toEqual({ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'x:y' })
})
