#!/usr/bin/env bash
# Builds Viva's images with docker, podman or buildah, whichever is there, and prints their sizes.
#
#   images/build.sh [NAME…]      all, or some of: session question-gen evaluator media vision gateway operator tools
#
# REGISTRY puts a registry before the names; VERSION is the tag (the workspace's version); BASE another base image that
# has apt-get, such as one of your own.
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck source=names.sh
source images/names.sh
[ $# -eq 0 ] || names=("$@")
version=${VERSION:-$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml | head -n 1)}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

# Docker's client may be there without its engine.
if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
  builder=docker
elif command -v podman >/dev/null; then
  builder=podman
elif command -v buildah >/dev/null; then
  builder=buildah
else
  echo "make images needs a builder: docker with its engine, podman or buildah (apt-get install buildah)" >&2
  exit 1
fi

for name in "${names[@]}"; do
  package=$(package_of "$name")
  [ "$name" != gateway ] || make web
  tag=${REGISTRY:+$REGISTRY/}viva/$name:$version
  arguments=(--file images/Dockerfile --build-arg "PACKAGE=$package" --build-arg "VERSION=$version"
    --build-arg "REVISION=$revision" --tag "$tag")
  for variable in BASE PIP_INDEX_URL UV_DEFAULT_INDEX; do
    [ -z "${!variable:-}" ] || arguments+=(--build-arg "$variable=${!variable}")
  done
  # What all images have in common is done once; docker and podman keep layers unasked.
  [ "$builder" != buildah ] || arguments+=(--layers)
  "$builder" build "${arguments[@]}" .
  if [ "$builder" = buildah ]; then
    size=$(buildah images --format '{{.Size}}' "$tag")
  else
    size=$("$builder" image inspect --format '{{.Size}}' "$tag")
  fi
  echo "$tag: $size"
done
