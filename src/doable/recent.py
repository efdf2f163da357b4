"""A cache with a bound."""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(dict[K, V]):
    """Holds the newest `size` entries; one that is set again is new again."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def __setitem__(self, key: K, value: V) -> None:
        self.pop(key, None)
        if len(self) >= self._size:
            del self[next(iter(self))]
        super().__setitem__(key, value)
