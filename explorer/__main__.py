"""`python -m explorer`: see explorer.doors.command_line."""

import contextlib
import os
import sys

from explorer.doors.server import asked_port, become_server

if __name__ == "__main__":
    port = asked_port(sys.argv[1:])
    if port is not None:
        become_server(port)  # at once: no file is to be opened, and reading one is what the imports below are for

    from explorer.doors.command_line import main

    code = main()
    with contextlib.suppress(BrokenPipeError):  # whoever read the answers has had enough
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # all is written; taking the libraries apart would take another second
