#!/usr/bin/env bash
# Writes the Secret that the chart `viva` names, with fresh random passwords, to stdout:
#
#   k8s/secrets.sh viva | kubectl -n NAMESPACE apply -f -
#
# The argument is the release's name (with the bundled PostgreSQL, part of its address). DATABASE_URL, DEEPGRAM_KEY,
# S3_ACCESS_KEY, S3_SECRET_KEY, OIDC_CLIENT_SECRET and MODEL_API_KEY are taken from the environment where they are set. Applied twice it makes new
# passwords: keep the first output where you keep secrets, or let a store of secrets do this.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "usage: k8s/secrets.sh RELEASE | kubectl -n NAMESPACE apply -f -" >&2
  exit 2
fi
release=$1
if ! [[ $release =~ ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$ ]]; then
  echo "k8s/secrets.sh: $release is no name of a release: want small letters, digits and hyphens" >&2
  exit 2
fi
name=$release
[[ $release == *viva* ]] || name=$release-viva

# The first letter keeps nats-server from reading a number out of a password.
random() { printf 'v%s' "$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')"; }
key() { printf '  %s: %s\n' "$1" "$(printf '%s' "$2" | base64 | tr -d '\n')"; }

postgresql=$(random)
printf 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: viva-secrets\ntype: Opaque\ndata:\n'
key postgresql-password "$postgresql"
key database-url "${DATABASE_URL:-postgresql://viva:$postgresql@$name-postgresql:5432/viva}"
for each in token-key media-token-key spool-key recording-key webhook-key turn-secret admin-password \
  nats-session nats-question-gen nats-evaluator nats-vision nats-media nats-gateway nats-operator nats-admin; do
  key "$each" "$(random)"
done
if [ -n "${DEEPGRAM_KEY:-}" ]; then key deepgram-key "$DEEPGRAM_KEY"; fi
if [ -n "${S3_ACCESS_KEY:-}" ]; then key recording-s3-access-key "$S3_ACCESS_KEY"; fi
if [ -n "${S3_SECRET_KEY:-}" ]; then key recording-s3-secret-key "$S3_SECRET_KEY"; fi
if [ -n "${OIDC_CLIENT_SECRET:-}" ]; then key oidc-client-secret "$OIDC_CLIENT_SECRET"; fi
if [ -n "${MODEL_API_KEY:-}" ]; then key model-api-key "$MODEL_API_KEY"; fi
