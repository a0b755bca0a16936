"""Home: open a sample or a file, choose what to embed, build, and see what was found.

Run with `make run`, or `streamlit run streamlit_app.py`.
"""

import streamlit as st

if __name__ == "__main__":
    from explorer.app import home

    home.draw()
else:
    # The server imports this file once to find the routes by which the map's points travel.
    from explorer.app.routes import routes

    app = st.App(__file__, routes=routes())
