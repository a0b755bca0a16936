"""Home: open a sample or a file, choose what to embed, build, and see what was found.

Run with `make run`, or `streamlit run streamlit_app.py`.
"""

import streamlit as st

if __name__ == "__main__":
    from explorer.app.shell import run

    run("home")
else:
    # The server imports this file once to find what is its own beside Streamlit's: the routes by which the map's
    # points travel, the headers of every answer, the page that knows its address, and what is shown where a page fails.
    from starlette.middleware import Middleware

    from explorer.app.root import KnownRoot
    from explorer.app.routes import routes
    from explorer.app.security import SecurityHeaders
    from explorer.app.shell import script_failed
    from explorer.app.startup import lifespan

    app = st.App(
        __file__,
        routes=routes(),
        middleware=[Middleware(SecurityHeaders), Middleware(KnownRoot)],
        lifespan=lifespan,
        on_script_error=script_failed,
    )
