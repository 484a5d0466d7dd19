{{/* The model that vision's engine reads. */}}
{{- define "viva.visionModel" -}}
{{- ternary "deepface-emotion" "fer-mini-xception" (eq (.Values.vision.settings.vision_engine | default "fer-onnx") "deepface") -}}
{{- end -}}

{{/* Every model whose file the release needs, as a JSON list. */}}
{{- define "viva.models" -}}
{{- $models := list .Values.evaluator.model -}}
{{- if eq .Values.mode "cpu" }}{{ $models = append $models .Values.questionGen.model }}{{ end -}}
{{- if .Values.vision.enabled }}{{ $models = append $models (include "viva.visionModel" .) }}{{ end -}}
{{- $models | uniq | toJson -}}
{{- end -}}

{{/* Refuses a model without a file, without a hash, or whose licence nobody accepted. */}}
{{- define "viva.checkModels" -}}
{{- $catalogue := .Files.Get "files/models.json" | fromJson -}}
{{- range $id := include "viva.models" . | fromJsonArray -}}
{{- $model := index $catalogue $id -}}
{{- if not $model.file -}}
{{- fail (printf "model %q is served by vLLM and has no file for llama.cpp: choose another (`viva models list`)" $id) -}}
{{- end -}}
{{- if $.Values.models.pull -}}
{{- if and $model.limitsUse (not (has $id $.Values.models.acceptLicences)) -}}
{{- fail (printf "model %q is under %s, which limits its use: read the licence and add the id to models.acceptLicences, or choose another model" $id $model.licence) -}}
{{- end -}}
{{- end -}}
{{- if not (or $model.sha256 (index ($.Values.models.sha256 | default dict) $id)) -}}
{{- fail (printf "model %q has no sha256 in the catalogue: take it from the model's page and set models.sha256.%s" $id $id) -}}
{{- end -}}
{{- end -}}
{{- end -}}
