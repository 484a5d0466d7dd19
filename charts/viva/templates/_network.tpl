{{/* Which components this release has, and which ends outside it are in use; as JSON. */}}
{{- define "viva.present" -}}
{{- $components := list "session" "question-gen" "evaluator" "gateway" "migrate-session" "migrate-gateway" "streams" "health-check" -}}
{{- $outside := list "dns" "ingress" "prometheus" -}}
{{- if .Values.media.enabled }}{{ $components = append $components "media" }}{{ end -}}
{{- if .Values.vision.enabled }}{{ $components = append $components "vision" }}{{ end -}}
{{- if .Values.account.create }}{{ $components = append $components "account" }}{{ end -}}
{{- if .Values.models.pull }}{{ $components = append $components "models" }}{{ end -}}
{{- if and (eq .Values.mode "gpu") .Values.vllm.enabled }}{{ $components = append $components "vllm" }}{{ end -}}
{{- if and .Values.media.enabled .Values.turn.bundled (not .Values.turn.urls) }}{{ $components = append $components "turn" }}{{ $outside = append $outside "anywhere" }}{{ end -}}
{{- if .Values.nats.bundled }}{{ $components = append $components "nats" }}{{ else }}{{ $outside = append $outside "nats" }}{{ end -}}
{{- if .Values.postgresql.bundled }}{{ $components = append $components "postgresql" }}{{ else }}{{ $outside = append $outside "postgresql" }}{{ end -}}
{{- if or .Values.networkPolicy.kedaPeers .Values.questionGen.autoscaling.enabled .Values.evaluator.autoscaling.enabled }}{{ $outside = append $outside "keda" }}{{ end -}}
{{- if or .Values.networkPolicy.operatorPeers (include "viva.scaledByOperator" . | fromYamlArray) (and (eq .Values.mode "gpu") (eq .Values.gpu.placement "operator")) }}{{ $outside = append $outside "operator" }}{{ end -}}
{{- if .Values.telemetry.otlpEndpoint }}{{ $outside = append $outside "collector" }}{{ end -}}
{{- $internet := list -}}
{{- if .Values.models.pull }}{{ $internet = append $internet "models" }}{{ end -}}
{{- if .Values.webhooks.enabled }}{{ $internet = append $internet "session" }}{{ end -}}
{{- if or (eq (.Values.media.settings.speech_engine | default "") "deepgram") (and .Values.media.recordings.enabled .Values.media.settings.recording_s3_bucket) }}{{ $internet = append $internet "media" }}{{ end -}}
{{- if .Values.gateway.settings.oidc_issuer }}{{ $internet = append $internet "gateway" }}{{ end -}}
{{- dict "components" $components "outside" $outside "internet" $internet | toJson -}}
{{- end -}}

{{/* The components that are here and leave their number to the operator by a value of their own, as a YAML list. */}}
{{- define "viva.scaledByOperator" -}}
{{- if .Values.questionGen.scaledByOperator }}
- question-gen
{{- end }}
{{- if .Values.evaluator.scaledByOperator }}
- evaluator
{{- end }}
{{- if and .Values.vision.enabled .Values.vision.scaledByOperator }}
- vision
{{- end }}
{{- if and (eq .Values.mode "gpu") .Values.vllm.enabled .Values.vllm.scaledByOperator }}
- vllm
{{- end }}
{{- end -}}

{{/* The peers of an end of an edge, as a JSON list; empty: anybody. */}}
{{- define "viva.peers" -}}
{{- $values := .root.Values -}}
{{- $cluster := list (dict "namespaceSelector" (dict)) -}}
{{- if has .end .present.components -}}
{{- list (dict "podSelector" (dict "matchLabels" (include "viva.selector" (dict "root" .root "component" .end) | fromYaml))) | toJson -}}
{{- else if eq .end "dns" -}}
{{- list (dict "namespaceSelector" (dict) "podSelector" (dict "matchLabels" (dict "k8s-app" "kube-dns"))) | toJson -}}
{{- else if eq .end "ingress" -}}{{ $values.networkPolicy.ingressPeers | toJson }}
{{- else if eq .end "prometheus" -}}{{ $values.networkPolicy.prometheusPeers | default $cluster | toJson }}
{{- else if eq .end "keda" -}}{{ $values.networkPolicy.kedaPeers | default $cluster | toJson }}
{{- else if eq .end "operator" -}}
{{- $operators := list (dict "namespaceSelector" (dict) "podSelector" (dict "matchLabels" (dict "app.kubernetes.io/name" "viva-operator"))) -}}
{{- $values.networkPolicy.operatorPeers | default $operators | toJson }}
{{- else if eq .end "collector" -}}{{ $values.networkPolicy.collectorPeers | toJson }}
{{- else if eq .end "nats" -}}{{ $values.nats.external.peers | toJson }}
{{- else if eq .end "postgresql" -}}{{ $values.postgresql.external.peers | toJson }}
{{- else -}}[]
{{- end -}}
{{- end -}}

{{/* A port of a policy. */}}
{{- define "viva.port" -}}
{{- $number := .port.number -}}
{{- if and (eq .edge.target "postgresql") (not .root.Values.postgresql.bundled) }}{{ $number = .root.Values.postgresql.external.port }}{{ end -}}
{port: {{ $number }}, protocol: {{ .port.protocol }}{{ with .port.last }}, endPort: {{ . }}{{ end }}}
{{- end -}}
