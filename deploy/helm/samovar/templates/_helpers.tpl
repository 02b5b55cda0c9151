{{- define "samovar.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* What selects: must never change in an upgrade. Takes {root, component}. */ -}}
{{- define "samovar.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- /* The same on one line. */ -}}
{{- define "samovar.match" -}}
{{ include "samovar.selector" . | fromYaml | toJson }}
{{- end -}}

{{- define "samovar.labels" -}}
{{ include "samovar.selector" . }}
app.kubernetes.io/part-of: samovar
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "samovar.image" -}}
{{- if .Values.image.digest -}}
{{ printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else -}}
{{ printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end -}}
{{- end -}}

{{- define "samovar.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (include "samovar.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{- /* What is told to all processes: one map, for the ConfigMap and for the hook that runs before it exists. */ -}}
{{- define "samovar.env" -}}
SAMOVAR_SITE__NAME: {{ .Values.site.name | quote }}
SAMOVAR_SITE__LOCALE: {{ .Values.site.locale | quote }}
SAMOVAR_SITE__PUBLIC_URL: {{ .Values.site.publicUrl | quote }}
SAMOVAR_PROCESS__DRAIN_SECONDS: {{ .Values.drainSeconds | quote }}
SAMOVAR_PROCESS__SECRET_FILE: /run/secrets/samovar/secret
{{- with .Values.telemetry.otlp }}
SAMOVAR_TELEMETRY__OTLP: {{ . | quote }}
{{- end }}
{{- if .Values.secrets.sentry.existingSecret }}
SAMOVAR_TELEMETRY__SENTRY_FILE: /run/secrets/samovar/sentry-dsn
{{- end }}
{{- if eq .Values.mode "split" }}
SAMOVAR_REDIS__URL_FILE: /run/secrets/samovar/redis-url
SAMOVAR_S3__ENDPOINT: {{ .Values.s3.endpoint | quote }}
SAMOVAR_S3__BUCKET: {{ .Values.s3.bucket | quote }}
SAMOVAR_S3__REGION: {{ .Values.s3.region | quote }}
SAMOVAR_S3__ACCESS_KEY_FILE: /run/secrets/samovar/s3-access-key
SAMOVAR_S3__SECRET_KEY_FILE: /run/secrets/samovar/s3-secret-key
{{- $root := . }}
{{- range $name, $group := .Values.groups }}
{{- range $group.services }}
SAMOVAR_PEERS__{{ upper . }}: dns:///{{ include "samovar.fullname" $root }}-{{ $name }}:9000
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.settings }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end -}}

{{- /* What only processes with services need: an edge reaches no store but Redis and files. */ -}}
{{- define "samovar.stores" -}}
SAMOVAR_POSTGRESQL__URL_FILE: /run/secrets/samovar/postgresql-url
SAMOVAR_KAFKA__SERVERS: {{ .Values.kafka.servers | quote }}
{{- end -}}

{{- /* Secrets as files of one folder. Takes {root, stores, redis}. */ -}}
{{- define "samovar.secretVolume" -}}
{{- $secrets := .root.Values.secrets -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ required "secrets.process.existingSecret is missing" $secrets.process.existingSecret }}
          items: [{key: {{ $secrets.process.key }}, path: secret}]
      {{- if .redis }}
      - secret:
          name: {{ required "secrets.redis.existingSecret is missing" $secrets.redis.existingSecret }}
          items: [{key: {{ $secrets.redis.key }}, path: redis-url}]
      - secret:
          name: {{ required "secrets.s3.existingSecret is missing" $secrets.s3.existingSecret }}
          items:
            - {key: {{ $secrets.s3.accessKey }}, path: s3-access-key}
            - {key: {{ $secrets.s3.secretKey }}, path: s3-secret-key}
      {{- end }}
      {{- if .stores }}
      - secret:
          name: {{ required "secrets.postgresql.existingSecret is missing" $secrets.postgresql.existingSecret }}
          items: [{key: {{ $secrets.postgresql.key }}, path: postgresql-url}]
      {{- end }}
      {{- if $secrets.sentry.existingSecret }}
      - secret:
          name: {{ $secrets.sentry.existingSecret }}
          items: [{key: {{ $secrets.sentry.key }}, path: sentry-dsn}]
      {{- end }}
{{- end -}}

{{- define "samovar.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "samovar.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "samovar.scheduling" -}}
{{- range $key := tuple "nodeSelector" "tolerations" "affinity" }}
{{- with get $.own $key }}
{{ $key }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* A pod of Samovar. Takes {root, component, own, args, edge, stores, redis, data}. */ -}}
{{- define "samovar.pod" -}}
metadata:
  labels: {{- include "samovar.labels" . | nindent 4 }}
  annotations:
    checksum/config: {{ printf "%s%s" (include "samovar.env" .root) (include "samovar.stores" .root) | sha256sum }}
    {{- if not .root.Values.podMonitor.enabled }}
    prometheus.io/scrape: "true"
    prometheus.io/port: {{ ternary "8000" "8001" .edge | quote }}
    prometheus.io/path: /metrics
    {{- end }}
    {{- with .own.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "samovar.serviceAccount" .root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext: {{- include "samovar.podSecurity" . | nindent 4 }}
  terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
  {{- if not .data }}
  topologySpreadConstraints:
    {{- range tuple "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector: {matchLabels: {{ include "samovar.match" $ }}}
    {{- end }}
  {{- end }}
  {{- with include "samovar.scheduling" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  containers:
    - name: samovar
      image: {{ include "samovar.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: {{- toYaml .args | nindent 8 }}
      envFrom:
        - configMapRef: {name: {{ include "samovar.fullname" .root }}}
        {{- if .stores }}
        - configMapRef: {name: {{ include "samovar.fullname" .root }}-stores}
        {{- end }}
      env:
        {{- if .edge }}
        - {name: SAMOVAR_EDGE__TRUST_PROXY, value: {{ .root.Values.edge.trustProxy | quote }}}
        {{- else }}
        - {name: SAMOVAR_PROCESS__LISTEN, value: "0.0.0.0:9000"}
        - {name: SAMOVAR_PROCESS__HEALTH, value: "0.0.0.0:8001"}
        {{- end }}
      ports:
        {{- if .edge }}
        - {name: http, containerPort: 8000}
        {{- else }}
        - {name: grpc, containerPort: 9000}
        - {name: health, containerPort: 8001}
        {{- end }}
      {{- $health := ternary "http" "health" .edge }}
      startupProbe:
        httpGet: {path: /livez, port: {{ $health }}}
        periodSeconds: 2
        failureThreshold: 60
      # Alive means that it answers at all: a database that is down must not restart everybody.
      livenessProbe:
        httpGet: {path: /livez, port: {{ $health }}}
        periodSeconds: 10
        timeoutSeconds: 3
        failureThreshold: 3
      readinessProbe:
        {{- if .edge }}
        httpGet: {path: /readyz, port: http}
        {{- else }}
        grpc: {port: 9000}
        {{- end }}
        periodSeconds: 3
        timeoutSeconds: 2
        failureThreshold: 2
      lifecycle:
        # Endpoints forget a pod while it ends, not before: it goes on serving until they have.
        preStop: {sleep: {seconds: {{ .root.Values.preStopSeconds }}}}
      resources: {{- toYaml .own.resources | nindent 8 }}
      securityContext: {{- include "samovar.security" . | nindent 8 }}
      volumeMounts:
        - {name: data, mountPath: /data}
        - {name: tmp, mountPath: /tmp}
        - {name: secrets, mountPath: /run/secrets/samovar, readOnly: true}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: 512Mi}
    {{- if not .data }}
    - name: data
      emptyDir: {sizeLimit: 512Mi}
    {{- end }}
    {{- include "samovar.secretVolume" . | nindent 4 }}
{{- end -}}

{{- /* A group with the defaults under it. Takes {root, group}. */ -}}
{{- define "samovar.group" -}}
{{- merge (deepCopy .group) (deepCopy .root.Values.groupDefaults) | toYaml -}}
{{- end -}}

{{- /* How many at least: decides whether a disruption budget makes sense. */ -}}
{{- define "samovar.least" -}}
{{- if .autoscaling.enabled -}}{{ .autoscaling.minReplicas }}{{- else -}}{{ .replicas }}{{- end -}}
{{- end -}}
