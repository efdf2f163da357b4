"""How many bytes of bodies are being received, altogether and from each network: they are in memory until they are answered."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

MAX_BYTES = 64 * 1024 * 1024
"""In a process. A network may have half of it."""
FROM_ANYWHERE_BYTES: Final = 64 * 1024
"""A body that is no larger is not counted for its network: nobody looks for where it comes from."""


@dataclass(slots=True)
class Incoming:
    """The bytes of one process."""

    total: int = 0
    of_networks: Counter[str] = field(default_factory=Counter)

    def add(self, count: int, network: str | None) -> bool:
        """Count these; False if they are too many. A network that is None is not counted."""
        self.total += count
        if network is not None:
            self.of_networks[network] += count
        return self.total <= MAX_BYTES and (network is None or self.of_networks[network] <= MAX_BYTES // 2)

    def remove(self, count: int, network: str | None) -> None:
        """They have been answered."""
        self.total -= count
        if network is not None:
            self.of_networks[network] -= count
            if not self.of_networks[network]:
                del self.of_networks[network]


OF_PROCESS: Final = Incoming()
"""What this process is receiving."""
