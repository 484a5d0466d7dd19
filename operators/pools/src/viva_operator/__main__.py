"""`python -m viva_operator crds | rbac`."""

import sys

from viva_operator.commands import answered

if __name__ == "__main__":
    answered(sys.argv[1:] or ["--help"])
