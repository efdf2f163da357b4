"""What the rough tests share."""

import time


def measured(what: str, figure: str) -> None:
    """Print a figure that docs/reliability.md keeps."""
    print(f"\n{time.strftime('%H:%M:%S')} {what}: {figure}", flush=True)
