"""The addresses at which others look whether the process is well. They are answered when nothing else is."""

from typing import Final

LIVENESS: Final = ("/livez", "/health")
PROBES: Final = (*LIVENESS, "/readyz")
