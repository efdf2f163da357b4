"""How many cores this process may use, and so how many workers serve unless somebody says otherwise."""

import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

MOST: Final = 4
"""Each worker needs its memory. Who has more cores than that, and needs them, says so."""
CGROUPS: Final = Path("/sys/fs/cgroup")


def usable_cores() -> int:
    """The cores that the process may run on, or fewer where its cgroup may use less of their time; four at most."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    of_time = quota()
    return max(1, min(MOST, cores, MOST if of_time is None else math.floor(of_time)))


def quota(cgroups: Path = CGROUPS) -> float | None:
    """How many cores' time the container may use, as cgroup v2 has it or v1. None is no limit, or none that is known here.

    A container sees its own cgroup as the root of all.
    """
    with suppress(OSError, ValueError):
        most, period = (cgroups / "cpu.max").read_text().split()
        return None if most == "max" else int(most) / int(period)
    with suppress(OSError, ValueError):
        most, period = ((cgroups / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return None if int(most) < 0 else int(most) / int(period)
    return None
