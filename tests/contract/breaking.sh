#!/usr/bin/env bash
# buf breaking: the contracts of this tree against those of the last tag or, without one, of main.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
base=$(git describe --tags --abbrev=0 2>/dev/null || git rev-parse --verify --quiet origin/main || git rev-parse --verify --quiet main || true)
if [ -z "$base" ] || ! git cat-file -e "$base:proto/viva" 2>/dev/null; then
  echo "buf breaking: there are no earlier contracts to compare with"
  exit 0
fi
rm -rf build/against
mkdir -p build/against
git archive "$base" proto | tar -x -C build/against
.venv/bin/python - <<'EOF'
import sys
from pathlib import Path

sys.path.insert(0, "proto")
import stubs

stubs.image(Path("build/against/proto").resolve(), Path("build/against.binpb").resolve())
EOF
.venv/bin/buf breaking build/viva.binpb --against build/against.binpb --config proto/buf.yaml
echo "buf breaking: nothing broken against ${base:0:12}"
