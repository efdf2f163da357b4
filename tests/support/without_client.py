"""`doable` as it is where the web client was not built. Run with the arguments of `doable`."""

from pathlib import Path

from doable import cli
from doable.web import built

if __name__ == "__main__":
    vars(built)["FOLDER"] = Path(__file__).parent / "nothing"
    cli.main()
