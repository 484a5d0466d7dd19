{{/* What cannot work is refused here, each with one sentence that names the value and the way out. */}}
{{- define "viva.check" -}}
{{- $values := .Values -}}
{{- include "viva.deprecations" . -}}
{{- if not $values.secrets.existingSecret -}}
{{- fail "secrets.existingSecret is empty: make a Secret with `k8s/secrets.sh` and name it" -}}
{{- end -}}
{{- $secret := lookup "v1" "Secret" .Release.Namespace $values.secrets.existingSecret -}}
{{- $namespace := lookup "v1" "Namespace" "" .Release.Namespace -}}
{{- if and $namespace (not $secret) -}}
{{- fail (printf "secrets.existingSecret: there is no Secret %q in namespace %q: make it with `k8s/secrets.sh`" $values.secrets.existingSecret .Release.Namespace) -}}
{{- end -}}
{{- $other := dig "data" "release" "" (lookup "v1" "ConfigMap" .Release.Namespace "viva-release" | default dict) -}}
{{- if and $other (ne $other .Release.Name) -}}
{{- fail (printf "namespace %q holds release %q already: install into another namespace, or upgrade that release" .Release.Namespace $other) -}}
{{- end -}}
{{- if and (not $values.nats.bundled) (not $values.nats.external.url) -}}
{{- fail "nats.external.url is empty and nats.bundled is false: name your nats-server, or set nats.bundled to true" -}}
{{- end -}}
{{- if and $values.nats.bundled (ne (int $values.nats.streamReplicas) 1) -}}
{{- fail (printf "nats.streamReplicas is %v and nats.bundled is true: the bundled server is a single one; set 1, or use your own cluster" $values.nats.streamReplicas) -}}
{{- end -}}
{{- if and $values.nats.bundled $values.nats.external.url -}}
{{- fail "nats.external.url is set and nats.bundled is true: set nats.bundled to false, or leave the URL out" -}}
{{- end -}}
{{- if and $values.media.enabled $values.turn.bundled (not $values.turn.urls) (not $values.turn.externalIp) -}}
{{- fail "turn.externalIp is empty: set the address at which browsers reach TURN, or turn.urls to your own, or media.enabled to false for interviews in writing" -}}
{{- end -}}
{{- if and $values.media.recordings.enabled (not $values.media.recordings.existingClaim) (not $values.media.settings.recording_s3_bucket) -}}
{{- fail "media.recordings.enabled needs media.recordings.existingClaim or media.settings.recording_s3_bucket: name a PersistentVolumeClaim or a bucket, or turn recordings off" -}}
{{- end -}}
{{- if and $values.ingress.enabled (not $values.ingress.host) -}}
{{- fail "ingress.host is empty: set the host name, or ingress.enabled to false" -}}
{{- end -}}
{{- if and $values.ingress.tlsSecret (not (hasPrefix "https://" $values.gateway.publicUrl)) -}}
{{- fail (printf "gateway.publicUrl is %q and ingress.tlsSecret is set: set it to https://%s" $values.gateway.publicUrl $values.ingress.host) -}}
{{- end -}}
{{- if and $values.certificate.issuer (not (and $values.ingress.enabled $values.ingress.tlsSecret)) -}}
{{- fail "certificate.issuer needs ingress.enabled and ingress.tlsSecret: name the Secret that the certificate goes into" -}}
{{- end -}}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs is empty: name the Gateway, or set httpRoute.enabled to false" -}}
{{- end -}}
{{- if and $values.account.create (not (and $values.account.tenantId $values.account.tenantName $values.account.email)) -}}
{{- fail "account.create needs account.tenantId, account.tenantName and account.email: set all three" -}}
{{- end -}}
{{- range $name, $own := dict "questionGen" $values.questionGen "evaluator" $values.evaluator -}}
{{- if $own.autoscaling.enabled -}}
{{- if not (include "viva.served" (dict "root" $ "api" "keda" "version" "keda.sh/v1alpha1")) -}}
{{- fail (printf "%s.autoscaling.enabled needs KEDA, which the cluster does not serve: install it, set apis.keda to served, or turn autoscaling off" $name) -}}
{{- end -}}
{{- if gt (int $own.autoscaling.min) (int $own.autoscaling.max) -}}
{{- fail (printf "%s.autoscaling.min is %v and max is %v: min may be at most max" $name $own.autoscaling.min $own.autoscaling.max) -}}
{{- end -}}
{{- if and (not $values.nats.bundled) (not $values.nats.external.monitoring) -}}
{{- fail (printf "%s.autoscaling.enabled needs nats.external.monitoring: set host:8222 of your nats-server's monitoring" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range include "viva.scaledByOperator" . | fromYamlArray -}}
{{- $name := camelcase . | untitle -}}
{{- if not (include "viva.served" (dict "root" $ "api" "viva" "version" "viva.dev/v1alpha1")) -}}
{{- fail (printf "%s.scaledByOperator is true, and the cluster does not serve viva.dev/v1alpha1: install the charts viva-crds and viva-operator first, set apis.viva to served, or set %s.scaledByOperator to false" $name $name) -}}
{{- end -}}
{{- if dig $name "autoscaling" "enabled" false $values.AsMap -}}
{{- fail (printf "%s.scaledByOperator and %s.autoscaling.enabled are both true, and two would write the number of pods: set one of both to false (the operator counts by KEDA where a ModelWorker's scaler is Auto)" $name $name) -}}
{{- end -}}
{{- end -}}
{{- include "viva.checkModels" . -}}
{{- if eq $values.mode "gpu" -}}{{- include "viva.checkGpu" . -}}{{- end -}}
{{- end -}}

{{- define "viva.checkGpu" -}}
{{- $values := .Values -}}
{{- if and (not $values.vllm.enabled) (not $values.questionGen.settings.model_url) -}}
{{- fail "vllm.enabled is false in mode gpu: set questionGen.settings.model_url to your vLLM (with /v1), or vllm.enabled to true" -}}
{{- end -}}
{{- if $values.vllm.enabled -}}
{{- if eq $values.gpu.placement "operator" -}}
{{- if not (include "viva.served" (dict "root" . "api" "viva" "version" "viva.dev/v1alpha1")) -}}
{{- fail "gpu.placement is operator, and the cluster does not serve viva.dev/v1alpha1: install the charts viva-crds and viva-operator first, or set gpu.placement to scheduler" -}}
{{- end -}}
{{- if not $values.gpu.modelWorkers -}}
{{- fail "gpu.modelWorkers is empty: describe a ModelWorker for the vllm Deployment, or set gpu.placement to scheduler" -}}
{{- end -}}
{{- else if not $values.gpu.nodeSelector -}}
{{- fail "gpu.nodeSelector is empty and gpu.placement is scheduler: name your GPU nodes' labels" -}}
{{- end -}}
{{- end -}}
{{- end -}}
