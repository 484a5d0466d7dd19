#!/usr/bin/env bash
# Writes an SBOM for each image, CycloneDX 1.5 as JSON, from the lock file that the image is installed by: every Python
# package with version, purl and the hashes of its files, and what depends on what. No image is built for it.
#
#   images/sbom.sh [NAME…]      into build/sbom/NAME.cdx.json; all, or some of: session question-gen evaluator media …
#
# Debian's packages of the base image are not in it: BASE may be any, so they are read out of the finished image
# (`syft IMAGE`, or `dpkg-query --show` in it).
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=names.sh
source images/names.sh

uv=${UV:-.tools/uv/bin/uv}
[ -x "$uv" ] || { echo "images/sbom.sh needs uv: run make sbom, or set UV" >&2; exit 1; }
into=${INTO:-build/sbom}
mkdir -p "$into"
[ $# -eq 0 ] || names=("$@")
for name in "${names[@]}"; do
  package=$(package_of "$name")
  # As the Dockerfile installs it.
  extras=()
  [ "$package" != viva-media ] || extras=(--extra s3)
  "$uv" export --quiet --frozen --no-dev --offline --format cyclonedx1.5 --preview-features sbom-export \
    --package "$package" "${extras[@]}" --output-file "$into/$name.cdx.json" >/dev/null
  echo "$into/$name.cdx.json: $(grep -c '"purl"' "$into/$name.cdx.json") packages"
done
