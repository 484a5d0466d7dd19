# Sourced by build.sh and sbom.sh: the images, and what is installed into each.
# shellcheck shell=bash

images=(session question-gen evaluator media vision gateway operator tools)
names=("${images[@]}") # those that are asked for

# The distribution of the workspace that an image is made of.
package_of() { # NAME
  case $1 in
    tools) echo viva-local ;;
    session | question-gen | evaluator | media | vision | gateway | operator) echo "viva-$1" ;;
    *) echo "${0##*/}: there is no image $1; there are: ${images[*]}" >&2; return 2 ;;
  esac
}
