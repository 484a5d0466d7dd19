#!/usr/bin/env bash
# Compiles the control plane of the cluster tests through the Go module proxy into ${VIVA_CLUSTER_CACHE}. Needs no root
# and no Docker; nothing ready-made is downloaded. Usage: build.sh [kube-apiserver|kwok|etcd|crds|node ...], default: all
# but `node`, which is the rest of a real node: kubelet, containerd and what goes with them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=versions
source "$here/versions"
cache=${VIVA_CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/viva-cluster}
bin=$cache/bin
mkdir -p "$bin"
export CGO_ENABLED=0 GOFLAGS="-mod=mod -trimpath -buildvcs=false"

command -v go >/dev/null || { echo "the cluster tests compile a control plane and need Go (1.26 or newer): https://go.dev/dl, or apt-get install golang" >&2; exit 1; }

# The linker writes the module's version into a binary; what --version prints is only what somebody passed to it.
has() { # BINARY MODULE VERSION
  [[ -x $bin/$1 ]] && go version -m "$bin/$1" | awk -v m="$2" -v v="$3" '($1 == "mod" || $1 == "dep") && $2 == m && $3 == v {found = 1} END {exit !found}'
}

# `go install PACKAGE@VERSION` refuses a module with replace directives, as Kubernetes and etcd have: build from a module of our own
# that requires it. Kubernetes replaces its staging modules by folders; published they are k8s.io/NAME v0.MINOR.PATCH.
workspace() { # MODULE VERSION FOLDER
  local source
  mkdir -p "$3"
  source=$(cd "$3" && go mod download -json "$1@$2" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p')
  [[ -n $source ]] || { echo "$1 $2 is not on the module proxy ($(go env GOPROXY))" >&2; return 1; }
  {
    echo "module viva.test/cluster"
    grep -m1 '^go ' "$source/go.mod"
    sed -n '/^godebug (/,/^)/p; /^godebug [^(]/p' "$source/go.mod" # read from the main module only
    echo "require $1 $2"
    sed -n "s|^\(replace\)\{0,1\}[[:space:]]*\(k8s.io/[^ ]*\) => ./staging/.*|replace \2 => \2 v0.${2#v1.}|p" "$source/go.mod"
  } >"$3/go.mod"
  rm -f "$3/go.sum"
}

build() { # BINARY MODULE VERSION PACKAGE LDFLAGS
  local folder=$cache/src/$1-$3 begin=$SECONDS
  if has "$1" "$2" "$3"; then
    echo "cluster: $1 $3 is built"
    return
  fi
  echo "cluster: compiling $1 $3 (once) …"
  workspace "$2" "$3" "$folder"
  # Under another name first: an interrupted build must not look like a finished one.
  (cd "$folder" && go build -ldflags "-s -w $5" -o "$bin/.$1.new" "$4")
  mv "$bin/.$1.new" "$bin/$1"
  has "$1" "$2" "$3" || { echo "$bin/$1 is not $2 $3" >&2; return 1; }
  echo "cluster: $1 $3 compiled in $((SECONDS - begin)) s"
}

# kwok plays nothing without stages; those it publishes lie in its module.
stages() {
  local source
  [[ ! -s $cache/kwok-$KWOK.yaml ]] || return 0
  source=$(cd "$cache/src/kwok-$KWOK" && go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage
  {
    # The default of four at a time would keep 1,000 nodes waiting for minutes.
    echo '{apiVersion: config.kwok.x-k8s.io/v1alpha1, kind: KwokConfiguration, options: {nodePlayStageParallelism: 64, nodeLeaseParallelism: 64, podPlayStageParallelism: 64}}'
    for file in "$source"/node/fast/*.yaml "$source"/node/heartbeat-with-lease/*.yaml "$source"/pod/fast/*.yaml; do
      [[ $file == */kustomization.yaml ]] || { echo ---; cat "$file"; }
    done
  } >"$cache/.kwok.new"
  mv "$cache/.kwok.new" "$cache/kwok-$KWOK.yaml"
}

# The kinds of other projects, as they publish them; only schemas, nothing is compiled.
crds() {
  local name module version path file source
  mkdir -p "$cache/crds"
  while read -r name module version path; do
    [[ -n $name && $name != \#* ]] || continue
    file=$cache/crds/$name-$version.yaml
    [[ ! -s $file ]] || continue
    source=$(cd "$cache" && go mod download -json "$module@$version" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p')
    [[ -s $source/$path ]] || { echo "$module $version is not on the module proxy ($(go env GOPROXY)), or has no $path" >&2; return 1; }
    install -m 0644 "$source/$path" "$file.new"
    mv "$file.new" "$file"
  done <"$here/crds"
  echo "cluster: the CRDs of $here/crds are there"
}

# The rest of a real node. CoreDNS' own main links the SDK of every cloud; ours has what a cluster's names need.
node() {
  local name folder
  for name in kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do
    build "$name" k8s.io/kubernetes "$KUBERNETES" "k8s.io/kubernetes/cmd/$name" "$stamp"
  done
  build node-etcd go.etcd.io/etcd/server/v3 "$ETCD" go.etcd.io/etcd/server/v3 ""
  for name in containerd containerd-shim-runc-v2 ctr; do
    build "$name" $containerd "$CONTAINERD" "$containerd/cmd/$name" "-X $containerd/version.Version=$CONTAINERD"
  done
  folder=$cache/src/coredns-$COREDNS
  mkdir -p "$folder"
  {
    printf 'package main\n\nimport (\n\t"%s/coremain"\n' $coredns
    for name in cache errors health kubernetes ready; do printf '\t_ "%s/plugin/%s"\n' $coredns $name; done
    printf ')\n\nfunc main() { coremain.Run() }\n'
  } >"$folder/main.go"
  build coredns $coredns "$COREDNS" . ""
  if [[ ! -x $bin/idle || $here/node/idle.go -nt $bin/idle ]]; then
    go build -ldflags "-s -w" -o "$bin/.idle.new" "$here/node/idle.go"
    mv "$bin/.idle.new" "$bin/idle"
  fi
}

minor=${KUBERNETES#v1.}
containerd=github.com/containerd/containerd/v2
coredns=github.com/coredns/coredns
version=k8s.io/component-base/version
stamp="-X $version.gitVersion=$KUBERNETES -X $version.gitMajor=1 -X $version.gitMinor=${minor%%.*} -X $version.gitTreeState=clean"
for name in "${@:-kube-apiserver kwok etcd crds}"; do
  for one in $name; do
    case $one in
      kube-apiserver) build kube-apiserver k8s.io/kubernetes "$KUBERNETES" k8s.io/kubernetes/cmd/kube-apiserver "$stamp" ;;
      kwok) build kwok sigs.k8s.io/kwok "$KWOK" sigs.k8s.io/kwok/cmd/kwok "-X sigs.k8s.io/kwok/pkg/consts.Version=$KWOK" && stages ;;
      etcd) command -v etcd >/dev/null && echo "cluster: etcd is installed ($(etcd --version | head -1))" ||
        build etcd go.etcd.io/etcd/server/v3 "$ETCD" go.etcd.io/etcd/server/v3 "" ;;
      crds) crds ;;
      node) node ;;
      *) echo "build.sh knows kube-apiserver, kwok, etcd, crds and node, not $one" >&2; exit 2 ;;
    esac
  done
done
