{{/* A claim template: (dict "name" "spool" "storage" (dict "size" "storageClassName")). */}}
{{- define "viva.claim" -}}
- metadata:
    name: {{ .name }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .storage.storageClassName }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests: {storage: {{ .storage.size }}}
{{- end -}}
