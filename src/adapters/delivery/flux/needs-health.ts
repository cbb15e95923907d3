import type { InventoryEntry } from './kustomization.ts'

/**
 * Whether an object may fail while nothing else tells: it runs something, or makes a controller run something. Of what only
 * configures, the pods that it is for tell, or the controller when it applies it. The inventory holds no more than its
 * kind, so a kind that nobody knows counts: no evidence is not a pass.
 */
export const needsHealth = ({ group, kind }: InventoryEntry): boolean => withoutHealth.get(group)?.(kind) !== true

/**
 * What kstatus, by which Flux judges, calls well whatever its status says, for it knows no other conditions than Ready,
 * Reconciling and Stalled, and no other generation than `observedGeneration` (cli-utils `pkg/kstatus/status/generic.go`).
 */
export const isUnseenByFlux = ({ group, kind }: Pick<InventoryEntry, 'group' | 'kind'>): boolean =>
  unseenByFlux.has(`${group}/${kind}`)

// https://docs.flagger.app/usage/how-it-works#canary-status, https://argo-cd.readthedocs.io/en/stable/operator-manual/health/
const unseenByFlux: ReadonlySet<string> = new Set(['flagger.app/Canary', 'argoproj.io/Application'])

type Kinds = (kind: string) => boolean
const all: Kinds = () => true
const only =
  (...kinds: readonly string[]): Kinds =>
  (kind) =>
    kinds.includes(kind)
const but =
  (...kinds: readonly string[]): Kinds =>
  (kind) =>
    !kinds.includes(kind)

/** By API group: the kinds that need no health. */
const withoutHealth: ReadonlyMap<string, Kinds> = new Map(
  Object.entries({
    // Kubernetes itself.
    '': but('Pod', 'ReplicationController'),
    apps: only('ControllerRevision'),
    // What it starts is no part of what was applied, and Flux calls it well too.
    batch: only('CronJob'),
    autoscaling: all,
    policy: all,
    'admissionregistration.k8s.io': all,
    'apiextensions.k8s.io': all,
    'apiregistration.k8s.io': all,
    'autoscaling.k8s.io': all,
    'certificates.k8s.io': all,
    'coordination.k8s.io': all,
    'discovery.k8s.io': all,
    'flowcontrol.apiserver.k8s.io': all,
    'networking.k8s.io': all,
    'node.k8s.io': all,
    'rbac.authorization.k8s.io': all,
    'resource.k8s.io': all,
    'scheduling.k8s.io': all,
    'snapshot.storage.k8s.io': all,
    'storage.k8s.io': all,
    // Ways in, and who may go them.
    'gateway.networking.k8s.io': all,
    'gateway.networking.x-k8s.io': all,
    'policy.networking.k8s.io': all,
    'gateway.envoyproxy.io': all,
    'networking.istio.io': all,
    'security.istio.io': all,
    'telemetry.istio.io': all,
    'extensions.istio.io': all,
    'linkerd.io': all,
    'policy.linkerd.io': all,
    'split.smi-spec.io': all,
    'access.smi-spec.io': all,
    'specs.smi-spec.io': all,
    'cilium.io': all,
    'crd.projectcalico.org': all,
    'projectcalico.org': all,
    'traefik.io': all,
    'traefik.containo.us': all,
    'projectcontour.io': only('HTTPProxy', 'TLSCertificateDelegation'),
    'configuration.konghq.com': all,
    'k8s.nginx.org': all,
    'k8s.cni.cncf.io': all,
    'metallb.io': all,
    'externaldns.k8s.io': all,
    'networking.gke.io': all,
    'cloud.google.com': all,
    'elbv2.k8s.aws': all,
    'vpcresources.k8s.aws': all,
    'route.openshift.io': all,
    'security.openshift.io': all,
    // Secrets and certificates: pods that lack one do not start.
    'cert-manager.io': all,
    'acme.cert-manager.io': all,
    'trust.cert-manager.io': all,
    'bitnami.com': only('SealedSecret'),
    'external-secrets.io': all,
    'generators.external-secrets.io': all,
    'secrets.hashicorp.com': all,
    'secrets-store.csi.x-k8s.io': all,
    'onepassword.com': all,
    'isindir.github.com': only('SopsSecret'),
    'secrets.infisical.com': all,
    // Rules, dashboards, and what is to be scraped.
    'monitoring.coreos.com': but('Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler'),
    'monitoring.googleapis.com': all,
    'operator.victoriametrics.com': (kind) => kind.endsWith('Scrape') || ['VMRule', 'VMProbe'].includes(kind),
    'grafana.integreatly.org': but('Grafana'),
    'opentelemetry.io': only('Instrumentation'),
    'sloth.slok.dev': all,
    'pyrra.dev': all,
    // Autoscaling and policies of others.
    'keda.sh': but('ScaledJob'),
    'kyverno.io': all,
    'policies.kyverno.io': all,
    'constraints.gatekeeper.sh': all,
    'templates.gatekeeper.sh': all,
    'mutations.gatekeeper.sh': all,
    'dapr.io': all,
    // What the controllers of delivery read, as against what they apply.
    'source.toolkit.fluxcd.io': all,
    'image.toolkit.fluxcd.io': all,
    'notification.toolkit.fluxcd.io': all,
    'flagger.app': only('MetricTemplate', 'AlertProvider'),
    'argoproj.io': only(
      ...['AppProject', 'AnalysisTemplate', 'ClusterAnalysisTemplate', 'WorkflowTemplate', 'ClusterWorkflowTemplate'],
      'CronWorkflow',
    ),
  }),
)
