"""`python -m explorer`: see explorer.cli."""

import contextlib
import os
import sys

from explorer.cli import main

if __name__ == "__main__":
    code = main()
    with contextlib.suppress(BrokenPipeError):  # whoever read the answers has had enough
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # all is written; taking the libraries apart would take another second
