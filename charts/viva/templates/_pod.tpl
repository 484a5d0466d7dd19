{{/* What the pods of the chart have in common: (dict "root" $ "component" "session" "own" .Values.session). */}}
{{- define "viva.podMetadata" -}}
labels:
  {{- include "viva.labels" . | nindent 2 }}
  {{- with merge (dict) (.own.podLabels | default dict) .root.Values.defaults.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) (.own.podAnnotations | default dict) .root.Values.defaults.podAnnotations .root.Values.global.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "viva.podSettings" -}}
{{- $defaults := .root.Values.defaults -}}
automountServiceAccountToken: false
enableServiceLinks: false
serviceAccountName: {{ include "viva.fullname" .root }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user | default 10001 }}
  runAsGroup: {{ .user | default 10001 }}
  fsGroup: {{ .user | default 10001 }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .own.nodeSelector | default $defaults.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .own.tolerations | default $defaults.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .own.affinity | default $defaults.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .own.priorityClassName | default $defaults.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- if .spread }}
{{- with $defaults.topologySpreadKeys }}
topologySpreadConstraints:
  {{- range . }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "viva.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "viva.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* image, pull policy and security of a container: (dict "root" $ "image" …). */}}
{{- define "viva.container" -}}
image: {{ include "viva.image" . }}
{{- with .image.pullPolicy | default .root.Values.defaults.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
securityContext:
  {{- include "viva.containerSecurity" . | nindent 2 }}
{{- end -}}

{{/* The environment of every Viva process: (dict "root" $ "role" "session" "secrets" (dict "VIVA_X" "key")). */}}
{{- define "viva.environment" -}}
- {name: HOME, value: /tmp}
- {name: VIVA_MONITORING_HOST, value: 0.0.0.0}
- {name: VIVA_LOG_LEVEL, value: {{ .root.Values.telemetry.logLevel | quote }}}
{{- with .root.Values.telemetry.otlpEndpoint }}
- {name: VIVA_OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- with .role }}
- {name: VIVA_NATS_URL, value: {{ include "viva.natsUrl" $.root | quote }}}
- {name: VIVA_NATS_USER, value: {{ . }}}
- {name: VIVA_NATS_PASSWORD_FILE, value: /run/secrets/viva/{{ $.root.Values.secrets.keys.natsPrefix }}{{ . }}}
{{- end }}
{{- range $variable, $key := .secrets }}
- {name: {{ $variable }}_FILE, value: /run/secrets/viva/{{ $key }}}
{{- end }}
{{- range $name, $value := .environment }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- with .root.Values.defaults.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The volume with the keys that a pod needs, and no others. */}}
{{- define "viva.secretVolume" -}}
- name: secrets
  secret:
    secretName: {{ .root.Values.secrets.existingSecret }}
    defaultMode: 0440
    items:
      {{- with .role }}
      {{- $key := printf "%s%s" $.root.Values.secrets.keys.natsPrefix . }}
      - {key: {{ $key }}, path: {{ $key }}}
      {{- end }}
      {{- range $key := (values (.secrets | default dict) | uniq | sortAlpha) }}
      - {key: {{ $key }}, path: {{ $key }}}
      {{- end }}
{{- end -}}

{{/* An init container that waits for a store, and says what it waits for. */}}
{{- define "viva.waitFor" -}}
- name: wait
  {{- include "viva.container" . | nindent 2 }}
  command:
    - python
    - -c
    - |
      import signal, socket, sys, time
      signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
      host, port, limit = sys.argv[1], int(sys.argv[2]), time.monotonic() + float(sys.argv[3])
      while True:
          try:
              socket.create_connection((host, port), 3).close()
              break
          except OSError as error:
              if time.monotonic() > limit:
                  sys.exit(f"{host}:{port} does not answer ({error}): is it running, and does a NetworkPolicy let us?")
              time.sleep(1)
    - {{ .host | quote }}
    - {{ .port | quote }}
    - {{ .root.Values.tools.deadlineSeconds | quote }}
  resources:
    requests: {cpu: 10m, memory: 32Mi}
    limits: {memory: 64Mi}
{{- end -}}
