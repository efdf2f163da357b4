"""`doable`, which may have 64 descriptors, and could raise that to 256."""

import resource

from doable import cli

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 256))
    cli.main()
