"""What every Viva service shares: bus, gRPC, database, settings, telemetry, text models."""

import os

# From release 1.29 on ONNX Runtime (vision, and speech) reports every model it loads to its maker, and writes a
# device's id into the home folder. It asks this variable, when it is loaded; every service imports this package first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
