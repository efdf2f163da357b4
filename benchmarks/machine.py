"""What the figures were measured on."""

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine, in words and in one figure."""

    name: str
    sync_milliseconds: float
    """How long this disk takes to keep 4 KiB: the price of a commit that survives a power cut."""


def machine(folder: Path) -> Machine:
    """Describe this machine, with the disk of this folder."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    processor = f" ({models[0]})" if models else ""
    name = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores{processor}"
    return Machine(name, sync_milliseconds(folder))


def sync_milliseconds(folder: Path) -> float:
    """See `Machine`."""
    times = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(200):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return 1000 * median(times)
