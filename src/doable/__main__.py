"""`python -m doable` is `doable`."""

from doable.cli import main

main()
