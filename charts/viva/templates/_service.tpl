{{/*
One of Viva's services, whole: Service, Deployment or StatefulSet, PodDisruptionBudget.
(dict "root" $ "component" "session" "own" .Values.session "module" "viva_session" "secrets" (dict …)
 "environment" (dict …) "volumes" "…" "mounts" "…" "init" "…" "stateful" (claim templates) "http" bool)
Who scales it, KEDA or the operator, writes `replicas`: then they are not rendered.
*/}}
{{- define "viva.service" -}}
{{- $root := .root -}}
{{- $own := .own -}}
{{- $settings := dict -}}
{{- range $name, $value := $own.settings }}
{{- $_ := set $settings (printf "VIVA_%s" (upper $name)) (ternary $value (toJson $value) (kindIs "string" $value)) }}
{{- end }}
{{- $environment := merge (dict) $settings .environment (dict "VIVA_GRACE" $own.drainSeconds) -}}
{{- $pod := dict "root" $root "component" .component "own" $own "role" .component "secrets" .secrets "environment" $environment "spread" (not .stateful) "image" $own.image "annotations" (dict "kubectl.kubernetes.io/default-container" .component) -}}
{{- $replicas := $own.replicas | default 1 -}}
{{- $keda := and (dig "autoscaling" "enabled" false $own) (include "viva.served" (dict "root" $root "api" "keda" "version" "keda.sh/v1alpha1")) -}}
{{- $operator := dig "scaledByOperator" false $own -}}
{{- $scaled := or $keda $operator -}}
{{- $workload := omit $pod "annotations" -}}
{{- if $operator }}{{ $_ := set $workload "annotations" (include "viva.handedOver" . | fromYaml) }}{{ end -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "viva.metadata" (merge (dict "labels" (dict "viva.dev/metrics" "true")) $pod) | nindent 2 }}
spec:
  {{- if not .http }}
  clusterIP: None
  {{- end }}
  selector:
    {{- include "viva.selector" $pod | nindent 4 }}
  ports:
    {{- if .http }}
    - {name: http, port: 8080, targetPort: http, appProtocol: http}
    {{- else }}
    - {name: grpc, port: 50051, targetPort: grpc, appProtocol: kubernetes.io/h2c}
    {{- end }}
    - {name: metrics, port: 9464, targetPort: metrics}
    - {name: health, port: 9465, targetPort: health}
---
apiVersion: apps/v1
kind: {{ ternary "StatefulSet" "Deployment" (not (empty .stateful)) }}
metadata:
  {{- include "viva.metadata" $workload | nindent 2 }}
spec:
  {{- if not $scaled }}
  replicas: {{ $replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  {{- if .stateful }}
  serviceName: {{ include "viva.fullname" $root }}-{{ .component }}
  {{- else }}
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  {{- end }}
  selector:
    matchLabels:
      {{- include "viva.selector" $pod | nindent 6 }}
  template:
    metadata:
      {{- include "viva.podMetadata" $pod | nindent 6 }}
    spec:
      {{- include "viva.podSettings" $pod | nindent 6 }}
      terminationGracePeriodSeconds: {{ add $own.drainSeconds $root.Values.defaults.preStopSeconds 5 }}
      {{- with .init }}
      initContainers:
        {{- . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          {{- include "viva.container" $pod | nindent 10 }}
          command: [python, -m, {{ .module }}]
          env:
            {{- if .http }}
            - {name: VIVA_HTTP_HOST, value: 0.0.0.0}
            {{- else }}
            - {name: VIVA_GRPC_HOST, value: 0.0.0.0}
            {{- end }}
            {{- include "viva.environment" $pod | nindent 12 }}
          ports:
            {{- if .http }}
            - {name: http, containerPort: 8080}
            {{- else }}
            - {name: grpc, containerPort: 50051}
            {{- end }}
            - {name: metrics, containerPort: 9464}
            - {name: health, containerPort: 9465}
          startupProbe:
            grpc: {port: 9465, service: live}
            periodSeconds: 2
            failureThreshold: 150
          livenessProbe:
            grpc: {port: 9465, service: live}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            grpc: {port: 9465}
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          lifecycle:
            preStop:
              sleep: {seconds: {{ $root.Values.defaults.preStopSeconds }}}
          resources:
            {{- toYaml $own.resources | nindent 12 }}
          volumeMounts:
            - {name: secrets, mountPath: /run/secrets/viva, readOnly: true}
            - {name: tmp, mountPath: /tmp}
            {{- with .mounts }}
            {{- . | nindent 12 }}
            {{- end }}
      volumes:
        {{- include "viva.secretVolume" $pod | nindent 8 }}
        - name: tmp
          emptyDir: {sizeLimit: 256Mi}
        {{- with .volumes }}
        {{- . | nindent 8 }}
        {{- end }}
  {{- with .stateful }}
  volumeClaimTemplates:
    {{- . | nindent 4 }}
  {{- end }}
{{- if or (gt (int $replicas) 1) $scaled }}
---
{{ include "viva.disruption" $pod }}
{{- end }}
{{- end -}}

{{/* Annotations of a Deployment whose number of replicas is the operator's. It is not enough to leave the number out: Helm 3
owns it all the same, by the default of 1 that it creates the Deployment with. */}}
{{- define "viva.handedOver" -}}
viva.dev/replicas: operator
{{- end -}}

{{/* A budget that lets every drain go on: at least one pod may always be taken, and a sick pod is no reason to wait. */}}
{{- define "viva.disruption" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "viva.metadata" (omit . "annotations") | nindent 2 }}
spec:
  maxUnavailable: {{ .own.maxUnavailable | default .root.Values.defaults.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "viva.selector" . | nindent 6 }}
{{- end -}}

{{/* The volume of model files. */}}
{{- define "viva.modelVolume" -}}
- name: models
  persistentVolumeClaim:
    claimName: {{ .Values.models.existingClaim | default (printf "%s-models" (include "viva.fullname" .)) }}
{{- end -}}

{{/* Waits until the models Job (or you) brought the model, and reads it once to compare its hash. */}}
{{- define "viva.modelWait" -}}
- name: model
  {{- include "viva.container" (dict "root" .root "image" .root.Values.tools.image) | nindent 2 }}
  command:
    - sh
    - -c
    {{- /* Process 1 hears SIGTERM only if it says what to do then; else a pod that waits goes after its whole grace. */}}
    - trap 'exit 143' TERM; until viva models verify "$@" --folder /models; do sleep 5; done
    - verify
    - {{ .model }}
    {{- with index (.root.Values.models.sha256 | default dict) .model }}
    - --sha256={{ . }}
    {{- end }}
  env:
    - {name: HOME, value: /tmp}
    - {name: VIVA_HOME, value: /tmp/viva}
  resources:
    {{- toYaml .root.Values.tools.resources | nindent 4 }}
  volumeMounts:
    - {name: models, mountPath: /models, readOnly: true}
    - {name: tmp, mountPath: /tmp}
{{- end -}}
