{{- define "viva.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "viva.fullname" -}}
{{- $name := include "viva.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Labels that select a component's pods: (dict "root" $ "component" "session"). */}}
{{- define "viva.selector" -}}
app.kubernetes.io/name: {{ include "viva.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of an object. */}}
{{- define "viva.labels" -}}
{{ include "viva.selector" . }}
app.kubernetes.io/part-of: viva
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.global.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of an object: (dict "root" $ "component" "session" "name" "session" "annotations" (dict)). */}}
{{- define "viva.metadata" -}}
name: {{ printf "%s-%s" (include "viva.fullname" .root) (.name | default .component) }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "viva.labels" . | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) .root.Values.global.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* An image: (dict "root" $ "image" .Values.session.image). */}}
{{- define "viva.image" -}}
{{- $registry := .image.registry | default .root.Values.global.imageRegistry -}}
{{- $name := .image.repository -}}
{{- with $registry }}{{ $name = printf "%s/%s" (trimSuffix "/" .) $name }}{{ end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.image.tag | default .root.Chart.AppVersion | toString) -}}
{{- end -}}
{{- end -}}

{{/* Whether an API is served: (dict "root" $ "api" "keda" "version" "keda.sh/v1alpha1"); "true" or empty. */}}
{{- define "viva.served" -}}
{{- $said := index .root.Values.apis .api -}}
{{- if or (eq $said "served") (and (eq $said "auto") (.root.Capabilities.APIVersions.Has .version)) -}}true{{- end -}}
{{- end -}}

{{- define "viva.natsUrl" -}}
{{- if .Values.nats.bundled -}}
nats://{{ include "viva.fullname" . }}-nats:4222
{{- else -}}
{{ .Values.nats.external.url }}
{{- end -}}
{{- end -}}

{{/* Where a service is called: headless names, over whose addresses calls are spread. */}}
{{- define "viva.target" -}}
dns:///{{ include "viva.fullname" .root }}-{{ .component }}.{{ .root.Release.Namespace }}:50051
{{- end -}}
