import { Ajv2020 } from 'ajv/dist/2020.js';

// The parts of Kubernetes' API that the example uses, after its reference of version 1.34, of the Prometheus operator's
// API and of prometheus-adapter's configuration. Fields that are not here are mistakes.

const text = { type: 'string', minLength: 1 };
const name = { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', maxLength: 63 };
const count = { type: 'integer', minimum: 0 };
const words = { type: 'array', items: text };
const labels = { type: 'object', additionalProperties: text };
const quantity = { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?(m|[kMGT]i?)?$' };

/** An object of these fields alone; those whose names end with `!` are required. */
function object(fields: Readonly<Record<string, object>>): object {
  const entries = Object.entries(fields).map(([key, schema]) => [key.replace('!', ''), schema]);
  const required = Object.keys(fields).filter((key) => key.endsWith('!'));
  return {
    ...{ type: 'object', properties: Object.fromEntries(entries), additionalProperties: false },
    required: required.map((key) => key.slice(0, -1)),
  };
}

const list = (items: object) => ({ type: 'array', minItems: 1, items });
const only = (...values: readonly string[]) => ({ enum: values });

/** A whole manifest. */
const kind = (apiVersion: string, kind: string, spec: object) =>
  object({
    'apiVersion!': only(apiVersion),
    'kind!': only(kind),
    'metadata!': object({ 'name!': name, labels }),
    'spec!': spec,
  });

const selector = object({ 'matchLabels!': labels });
const secretKey = object({ 'name!': name, 'key!': text });
const exec = object({ 'command!': words });
const probe = object({
  'httpGet!': object({ 'path!': { type: 'string', pattern: '^/' }, 'port!': name }),
  ...{ periodSeconds: count, timeoutSeconds: count, failureThreshold: count },
});
const container = object({
  'name!': name,
  'image!': text,
  command: words,
  args: words,
  env: list(object({ 'name!': text, value: text, valueFrom: object({ 'secretKeyRef!': secretKey }) })),
  ports: list(object({ 'name!': { ...name, maxLength: 15 }, 'containerPort!': count })),
  ...{ startupProbe: probe, readinessProbe: probe, livenessProbe: probe },
  lifecycle: object({ preStop: object({ 'exec!': exec }) }),
  'resources!': object({
    'requests!': object({ 'cpu!': quantity, 'memory!': quantity }),
    'limits!': object({ cpu: quantity, 'memory!': quantity }),
  }),
  'securityContext!': object({
    'allowPrivilegeEscalation!': { const: false },
    'readOnlyRootFilesystem!': { const: true },
    'capabilities!': object({ 'drop!': { const: ['ALL'] } }),
  }),
  volumeMounts: list(object({ 'name!': name, 'mountPath!': text })),
});
const pod = (restartPolicy: object) =>
  object({
    'metadata!': object({ 'labels!': labels }),
    'spec!': object({
      ...restartPolicy,
      automountServiceAccountToken: { const: false },
      'securityContext!': object({
        ...{ 'runAsNonRoot!': { const: true }, runAsUser: count, runAsGroup: count, fsGroup: count },
        'seccompProfile!': object({ 'type!': only('RuntimeDefault') }),
      }),
      terminationGracePeriodSeconds: count,
      'containers!': list(container),
      volumes: list(object({ 'name!': name, persistentVolumeClaim: object({ 'claimName!': name }) })),
    }),
  });
const scaling = object({ stabilizationWindowSeconds: count });

const MANIFESTS = [
  kind(
    'apps/v1',
    'Deployment',
    object({
      'selector!': selector,
      strategy: object({
        'type!': only('RollingUpdate'),
        rollingUpdate: object({ maxSurge: count, maxUnavailable: count }),
      }),
      'template!': pod({}),
    }),
  ),
  kind(
    'v1',
    'Service',
    object({
      'selector!': labels,
      'ports!': list(object({ 'name!': name, 'port!': count, targetPort: name })),
    }),
  ),
  kind('policy/v1', 'PodDisruptionBudget', object({ 'minAvailable!': count, 'selector!': selector })),
  kind(
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    object({
      'scaleTargetRef!': object({ 'apiVersion!': text, 'kind!': text, 'name!': name }),
      minReplicas: count,
      'maxReplicas!': count,
      'metrics!': list(
        object({
          'type!': only('Pods'),
          'pods!': object({
            'metric!': object({ 'name!': text }),
            'target!': object({ 'type!': only('AverageValue'), 'averageValue!': quantity }),
          }),
        }),
      ),
      behavior: object({ scaleUp: scaling, scaleDown: scaling }),
    }),
  ),
  kind(
    'batch/v1',
    'Job',
    object({
      'completionMode!': only('Indexed'),
      ...{ 'completions!': count, 'parallelism!': count, backoffLimit: count },
      'template!': pod({ 'restartPolicy!': only('OnFailure', 'Never') }),
    }),
  ),
  kind(
    'monitoring.coreos.com/v1',
    'ServiceMonitor',
    object({
      'selector!': selector,
      'endpoints!': list(
        object({
          ...{ 'port!': name, path: { type: 'string', pattern: '^/' } },
          interval: { type: 'string', pattern: '^[0-9]+s$' },
          authorization: object({ 'type!': only('Bearer'), 'credentials!': secretKey }),
        }),
      ),
    }),
  ),
];

const ADAPTER_VALUES = object({
  'rules!': object({
    'custom!': list(
      object({
        'seriesQuery!': text,
        'resources!': object({
          'overrides!': { type: 'object', additionalProperties: object({ 'resource!': name }) },
        }),
        name: object({ 'matches!': text, 'as!': text }),
        'metricsQuery!': text,
      }),
    ),
  }),
});

const ajv = new Ajv2020({ allErrors: true });
const isAdapterValues = ajv.compile(ADAPTER_VALUES);
const validators = new Map(
  MANIFESTS.map((schema) => {
    const { properties } = schema as { readonly properties: { readonly kind: { readonly enum: string[] } } };
    return [properties.kind.enum[0], ajv.compile(schema)];
  }),
);

/** What is wrong with a manifest, or with values of prometheus-adapter's chart; empty for a right one. */
export function mistakesOf(value: { readonly kind?: string }): readonly unknown[] {
  const validate = value.kind === undefined ? isAdapterValues : validators.get(value.kind);
  if (validate === undefined) return [`unknown kind ${value.kind}`];
  return validate(value) ? [] : validate.errors!;
}
