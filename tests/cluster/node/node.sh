#!/usr/bin/env bash
# One real Kubernetes node on this machine, without Docker: control plane, containerd, kubelet, kube-proxy, CoreDNS.
#
#   node.sh up            start it (needs root; `../build.sh node` compiled it, `images.sh system` made two images)
#   node.sh run COMMAND…  run a command in the node's network, where its addresses are, with KUBECONFIG set
#   node.sh load TAR…     import images
#   node.sh down          end it; nothing stays
#
# The node lives in namespaces of its own for processes, mounts, network, host name and IPC. Its process 1 is `idle`, and
# killing that ends every daemon, pod and mount of it; the machine's own network is not touched. It has no way out:
# pods reach one another and nothing else. Its network plugin accepts NetworkPolicies and does NOT enforce them.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
name=node address=10.111.0.1

namespaces() {
  local parent
  setsid unshare --mount --net --pid --uts --ipc --fork --kill-child --propagation private --mount-proc idle \
    >"$logs/init.log" 2>&1 </dev/null &
  parent=$!
  until_true 30 "the node's first process" pgrep -P $parent
  pgrep -P $parent >"$state/init"
  # It exists before its namespaces do.
  until_true 30 "the node's namespaces" grep -qx idle "/proc/$(cat "$state/init")/comm"
  mkdir -p "$state/lib" "$state/log"
  # Shared within the node, where containerd's shims must see kubelet's mounts, and with nobody outside: on many machines
  # everything is shared, and a /run of the node's would be the machine's.
  # With /run, /var/lib and /var/log of its own every daemon keeps its usual paths. The default route leads nowhere, but
  # without one a connection to a service's address ends before kube-proxy's rules can turn it.
  on_node sh -ec "hostname $name
    mount --make-rshared /
    mount -t tmpfs tmpfs /run
    mkdir -p /run/lock
    mount --bind '$state/lib' /var/lib
    mount --bind '$state/log' /var/log
    echo 1 >/proc/sys/net/ipv4/ip_forward
    ip link set lo up
    ip link add eth0 type bridge
    ip address add $address/24 dev eth0
    ip link set eth0 up
    ip route add default dev eth0"
  # kubelet wants its control group to be there in every hierarchy.
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    mkdir -p /sys/fs/cgroup/viva-node
    echo "+cpu +cpuset +memory +pids +io" >/sys/fs/cgroup/cgroup.subtree_control
  else
    for group in /sys/fs/cgroup/*; do [[ ! -e $group/tasks ]] || mkdir -p "$group/viva-node"; done
  fi
}

certificates() {
  mkdir -p -m 700 "$keys"
  openssl req -x509 -days 7 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=viva-node \
    -addext keyUsage=critical,keyCertSign -keyout "$keys/ca.key" -out "$keys/ca.crt" 2>/dev/null
  openssl genrsa -out "$keys/tokens.key" 2048 2>/dev/null
  certificate server /CN=kube-apiserver \
    "IP:$address,IP:10.96.0.1,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
  certificate admin /O=system:masters/CN=admin
  certificate controller-manager /CN=system:kube-controller-manager
  certificate scheduler /CN=system:kube-scheduler
  certificate kube-proxy /CN=system:kube-proxy
  certificate node "/O=system:nodes/CN=system:node:$name" "DNS:$name,IP:$address"
  for each in admin controller-manager scheduler kube-proxy node; do kubeconfig $each "$state/$each.kubeconfig"; done
}

control_plane() {
  # The data goes with the node: it need not survive a loss of power.
  daemon etcd node-etcd --data-dir "$state/etcd" --unsafe-no-fsync --log-level warn
  daemon kube-apiserver kube-apiserver --etcd-servers http://127.0.0.1:2379 --advertise-address "$address" \
    --service-cluster-ip-range 10.96.0.0/16 --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
    --client-ca-file "$keys/ca.crt" --tls-cert-file "$keys/server.crt" --tls-private-key-file "$keys/server.key" \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$keys/tokens.key" \
    --service-account-signing-key-file "$keys/tokens.key" --kubelet-preferred-address-types InternalIP \
    --kubelet-certificate-authority "$keys/ca.crt" --kubelet-client-certificate "$keys/admin.crt" \
    --kubelet-client-key "$keys/admin.key" --cert-dir "$state/api"
  until_true 180 "the API server" on_node kubectl --kubeconfig "$KUBECONFIG" get --raw /readyz
  daemon kube-controller-manager kube-controller-manager --kubeconfig "$state/controller-manager.kubeconfig" \
    --leader-elect=false --use-service-account-credentials --service-account-private-key-file "$keys/tokens.key" \
    --root-ca-file "$keys/ca.crt" --cert-dir "$state/manager"
  daemon kube-scheduler kube-scheduler --kubeconfig "$state/scheduler.kubeconfig" --leader-elect=false \
    --cert-dir "$state/scheduler"
}

container_runtime() {
  mkdir -p "$state/cni"
  cat >"$state/cni/10-pods.conflist" <<END
{"cniVersion": "1.0.0", "name": "pods", "plugins": [
  {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.244.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
END
  # Inside a container root may lack CAP_SYS_RESOURCE, and then a lowered oom_score_adj is refused.
  cat >"$state/containerd.toml" <<END
version = 3
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = 'viva.test/idle:1'
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['/usr/lib/cni']
  conf_dir = '$state/cni'
END
  daemon containerd containerd --config "$state/containerd.toml"
  until_true 120 containerd on_node ctr version
  load "$cache/images/idle.tar" "$cache/images/coredns.tar"
}

kubelet_and_proxy() {
  : >"$state/resolv.conf" # nobody to ask outside
  # An image that is collected cannot be pulled again: none is collected.
  cat >"$state/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $keys/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $keys/node.crt
tlsPrivateKeyFile: $keys/node.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /viva-node
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
clusterDomain: cluster.local
clusterDNS: [10.96.0.10]
resolvConf: $state/resolv.conf
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
END
  cat >"$state/kube-proxy.yaml" <<END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $state/kube-proxy.kubeconfig}
mode: nftables
clusterCIDR: 10.244.0.0/24
hostnameOverride: $name
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
END
  daemon kubelet kubelet --config "$state/kubelet.yaml" --kubeconfig "$state/node.kubeconfig" \
    --hostname-override $name --node-ip "$address"
  daemon kube-proxy kube-proxy --config "$state/kube-proxy.yaml"
}

load() {
  local tar
  for tar; do on_node ctr -n k8s.io image import --local "$tar" >/dev/null; done
}

up() {
  local begin=$SECONDS need group
  [[ $(id -u) == 0 ]] || fail "a node needs root: namespaces, mounts and control groups"
  [[ ! -e $state/init ]] || fail "there is one already in $state: run node.sh down"
  for group in /sys/fs/cgroup/viva-node /sys/fs/cgroup/*/viva-node; do
    [[ ! -d $group ]] || fail "$group is there, of another node on this machine: run node.sh down with its VIVA_NODE_STATE"
  done
  for need in runc nft openssl nsenter unshare ip pgrep; do
    command -v $need >/dev/null || fail "$need is missing: apt-get install $(sed -n 's/^NODE_PACKAGES="\(.*\)"$/\1/p' "$here/../versions")"
  done
  for need in idle coredns; do [[ -e $cache/images/$need.tar ]] || fail "run tests/cluster/node/images.sh system"; done
  mkdir -p "$logs"
  namespaces
  certificates
  control_plane
  container_runtime
  kubelet_and_proxy
  until_true 120 "the service account of kube-system" on_node kubectl -n kube-system get serviceaccount default
  on_node kubectl apply -f "$here/system.yaml" >/dev/null
  until_true 120 "the node" on_node kubectl get node $name
  on_node kubectl wait --for=condition=Ready --timeout=180s node/$name
  on_node kubectl -n kube-system rollout status --timeout=180s deployment/coredns
  echo "node: ready after $((SECONDS - begin)) s"
}

down() {
  local init group try
  if [[ -s $state/init ]]; then
    init=$(cat "$state/init")
    # The number may be another's by now.
    [[ $(cat "/proc/$init/comm" 2>/dev/null) != idle ]] || kill -KILL "$init"
    until_true 60 "the end of process $init" test ! -e "/proc/$init"
  fi
  for group in /sys/fs/cgroup/viva-node /sys/fs/cgroup/*/viva-node; do
    [[ -d $group ]] || continue
    for try in $(seq 50); do
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
      sleep 0.2
    done
    [[ ! -d $group ]] || echo "node: $group stays: it is not empty" >&2
  done
  rm -rf --one-file-system "$state"
}

case ${1:-} in
  up) up ;;
  down) down ;;
  load) shift && load "$@" ;;
  # The network alone: files and processes stay the caller's.
  run) shift && exec nsenter -t "$(cat "$state/init")" -n -- "$@" ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
