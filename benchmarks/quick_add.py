"""What it takes to understand a line: `python -m benchmarks.quick_add`. Processor time of one core, the best of many."""

import json
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from doable.tasks.quick.marks import Destination
from doable.tasks.quick.understanding import understand

TABLES = Path(__file__).parent.parent / "tests" / "tasks" / "quick"
LANGUAGES = {"en": "english.json", "de": "german.json"}


def read(name: str) -> dict[str, list[dict[str, str]]]:
    """A table of phrases."""
    found: dict[str, list[dict[str, str]]] = json.loads((TABLES / name).read_text(encoding="utf-8"))
    return found


def measured(texts: Iterable[str], language: str) -> list[tuple[float, str]]:
    """The microseconds of each text."""
    now = datetime(2026, 11, 26, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    lists = [Destination(str(number), f"List {number}") for number in range(500)]
    found = []
    for text in texts:
        times = []
        for _ in range(20):
            before = time.process_time_ns()
            understand(text, now=now, language=language, lists=lists)
            times.append(time.process_time_ns() - before)
        found.append((min(times) / 1000, text))
    return sorted(found)


def main() -> None:
    """Print a line for each language."""
    seeds = json.loads((TABLES / "hostile.json").read_text(encoding="utf-8"))["repeated up to 500 characters"]
    for language, name in LANGUAGES.items():
        usual = measured((phrase["text"] for phrase in read(name)["phrases"]), language)
        worst = measured(((seed * 500)[:500] for seed in seeds), language)[-1]
        print(
            f"{language}: {len(usual)} phrases, median {median(each for each, _ in usual):.0f} µs, "
            f"most {usual[-1][0]:.0f} µs ({usual[-1][1]!r}); 500 hostile characters, most "
            f"{worst[0] / 1000:.1f} ms ({worst[1][:12]!r})"
        )


if __name__ == "__main__":
    main()
