{{/*
Names that values once had, or that other charts use: each fails with the name that it has here. values.schema.json lets
them through to this point, because its own message could not tell the way out.
*/}}
{{- define "viva.deprecations" -}}
{{- $names := .Files.Get "files/deprecations.json" | fromJson -}}
{{- range $old, $new := $names -}}
{{- if hasKey $.Values $old -}}
{{- fail (printf "%s is not a value of this chart: %s" $old $new) -}}
{{- end -}}
{{- end -}}
{{- end -}}
