"""How many cores this process may use."""

import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

CGROUPS: Final = Path("/sys/fs/cgroup")
OWN: Final = Path("/proc/self/cgroup")


def usable_cores() -> int:
    """The cores that the process may run on, or fewer where its cgroup may use less of their time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    of_time = quota()
    return cores if of_time is None else max(1, min(cores, math.floor(of_time)))


def quota(cgroups: Path = CGROUPS, own: Path = OWN) -> float | None:
    """How many cores' time the process may use by cgroups, v2 or v1. None is no limit, or none that is known here.

    Each group above its own may have a limit too. A container often sees its group as the root of all.
    """
    found: list[float] = []
    with suppress(OSError, ValueError):
        for line in own.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "cpu" not in controllers.split(","):
                continue
            root = cgroups / "cpu" if controllers else cgroups
            group = root / path.lstrip("/")
            # The path may be one of the host, which is not there in a container.
            for each in (group, *group.parents, root):
                found += _limit(each) if each.is_relative_to(root) else []
    return min(found, default=None)


def _limit(group: Path) -> list[float]:
    with suppress(OSError, ValueError):
        most, period = (group / "cpu.max").read_text().split()
        return [] if most == "max" else [int(most) / int(period)]
    with suppress(OSError, ValueError):
        most, period = ((group / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return [] if int(most) < 0 else [int(most) / int(period)]
    return []
