"""`python -m explorer`: see explorer.doors.command_line."""

import contextlib
import os
import sys

from explorer.doors.server import asked_port, become_server

if __name__ == "__main__":
    port = asked_port(sys.argv[1:])
    if port is not None:
        become_server(port)  # at once, since no file is opened: the imports below are needed only to read one

    from explorer.doors.command_line import main

    code = main()
    with contextlib.suppress(BrokenPipeError):  # the reader of our output has closed it
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # all is written; a normal exit would take another second to unload libraries
