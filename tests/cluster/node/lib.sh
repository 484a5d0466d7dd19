#!/usr/bin/env bash
# Sourced by the scripts of this folder. shellcheck shell=bash
# VIVA_CLUSTER_CACHE has what build.sh compiled; VIVA_NODE_STATE is what one node leaves behind until `node.sh down`.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${VIVA_CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/viva-cluster}
state=${VIVA_NODE_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/viva-node}
keys=$state/keys
logs=$state/logs
# containerd hands its PATH on to its shims and to the plugins of the network.
export PATH=$cache/bin:/usr/sbin:/sbin:$PATH
export KUBECONFIG=$state/admin.kubeconfig

fail() { echo "${0##*/}: $*" >&2; exit 1; }

until_true() { # SECONDS WHAT COMMAND…
  local limit=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < limit)) || fail "$what: not there in time; logs are in $logs"
    sleep 0.2
  done
}

# The node is the namespaces of one process; who enters them all is on the node.
on_node() { nsenter -t "$(cat "$state/init")" -m -n -p -u -i -- "$@"; }

daemon() { # NAME COMMAND…
  local name=$1
  shift
  setsid nsenter -t "$(cat "$state/init")" -m -n -p -u -i -- "$@" >"$logs/$name.log" 2>&1 </dev/null &
}

certificate() { # NAME SUBJECT [ALTERNATIVE NAMES]
  openssl req -x509 -CA "$keys/ca.crt" -CAkey "$keys/ca.key" -days 7 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
    -keyout "$keys/$1.key" -out "$keys/$1.crt" -subj "$2" -addext basicConstraints=critical,CA:FALSE \
    -addext extendedKeyUsage=serverAuth,clientAuth ${3:+-addext "subjectAltName=$3"} 2>/dev/null
}

kubeconfig() { # NAME FILE
  cat >"$2" <<END
apiVersion: v1
kind: Config
current-context: node
contexts: [{name: node, context: {cluster: node, user: $1}}]
clusters: [{name: node, cluster: {server: "https://$address:6443", certificate-authority: $keys/ca.crt}}]
users: [{name: $1, user: {client-certificate: $keys/$1.crt, client-key: $keys/$1.key}}]
END
  chmod 600 "$2"
}
