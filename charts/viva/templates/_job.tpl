{{/*
A Job that may run any number of times: (dict "root" $ "component" "streams" "own" .Values.tools "image" … "command" (list …)
"role" "admin" "secrets" (dict …) "environment" (dict …) "host" "…" "port" 4222 "bundled" bool "weight" "0").

Where its store is the cluster's own it is a hook before install and upgrade. A store of the chart's own is not there
yet at the first install: then it is a plain Job beside it, and a hook from the first upgrade on.
*/}}
{{- define "viva.job" -}}
{{- $hook := or .root.Release.IsUpgrade (not .bundled) -}}
{{- $annotations := dict -}}
{{- if $hook -}}
{{- $annotations = dict "helm.sh/hook" (.hook | default "pre-install,pre-upgrade") "helm.sh/hook-weight" .weight "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
{{- end -}}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "viva.metadata" (merge (dict "annotations" $annotations) .) | nindent 2 }}
spec:
  {{- include "viva.jobSpec" (merge (dict "hook" $hook) .) | nindent 2 }}
{{- end -}}

{{- define "viva.jobSpec" -}}
backoffLimit: 4
activeDeadlineSeconds: {{ .root.Values.tools.deadlineSeconds }}
template:
  metadata:
    {{- include "viva.podMetadata" . | nindent 4 }}
  spec:
    {{- $settings := include "viva.podSettings" . }}
    {{- /* Before the first install there is no ServiceAccount of ours yet. */}}
    {{- if .hook }}{{ $settings = regexReplaceAll "serviceAccountName: .*" $settings "serviceAccountName: default" }}{{ end }}
    {{- $settings | nindent 4 }}
    restartPolicy: Never
    {{- if .host }}
    initContainers:
      {{- include "viva.waitFor" . | nindent 6 }}
    {{- end }}
    containers:
      - name: {{ .component }}
        {{- include "viva.container" . | nindent 8 }}
        command:
          {{- toYaml .command | nindent 10 }}
        env:
          {{- include "viva.environment" . | nindent 10 }}
        resources:
          {{- toYaml .root.Values.tools.resources | nindent 10 }}
        volumeMounts:
          - {name: secrets, mountPath: /run/secrets/viva, readOnly: true}
          - {name: tmp, mountPath: /tmp}
    volumes:
      {{- include "viva.secretVolume" . | nindent 6 }}
      - name: tmp
        emptyDir: {sizeLimit: 64Mi}
{{- end -}}
