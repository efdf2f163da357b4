"""Write the common passwords that Doable ships: run it in an environment that has zxcvbn 4.5.0, which Doable itself does not need.

python3 -m venv /tmp/words && /tmp/words/bin/pip install zxcvbn==4.5.0 && /tmp/words/bin/python scripts/common_passwords.py
"""

from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

MOST_COMMON = 10_000
SHORTEST = 8  # no password that is shorter can be chosen
TARGET = Path(__file__).parents[1] / "src/doable/accounts/passwords/common_passwords.txt"

passwords = FREQUENCY_LISTS["passwords"]
ranked = passwords.split(",") if isinstance(passwords, str) else passwords
kept = [password for password in ranked[:MOST_COMMON] if len(password) >= SHORTEST]
TARGET.write_text("\n".join(kept) + "\n")
print(f"{len(kept)} passwords in {TARGET.name}")  # noqa: T201 - a script's output
