"""Logging in, where the server's owner asks for it: an [auth] section in `.streamlit/secrets.toml` (OIDC).

Without that section everything here is off and Authlib is not needed. With it, every page asks who you are first,
and your workspace belongs to your account: its token is made from your identity with a secret that stays on the
server, so nobody can work it out, and a token in the address counts for nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from explorer import settings
from explorer.errors import BadInput
from explorer.machine import home_folder


def required() -> bool:
    """Whether the secrets have an [auth] section. Raises BadInput where a secrets file cannot be read."""
    return _auth() is not None


def require() -> None:
    """Draw the way to log in and stop the page, unless login is off or somebody allowed is logged in."""
    if not required():
        return
    if not st.user.get("is_logged_in"):
        _ask()
    elif not allowed(st.user.to_dict()):
        st.markdown("# No access")
        st.text(f"{st.user.get('email') or 'This account'} may not use this server. Ask whoever runs it.")
        st.button("Log in with another account", on_click=st.logout)
    else:
        return
    st.stop()


def way_out() -> None:
    """A button to log out, where login is on."""
    if required():
        st.button("Log out", key="logout", type="tertiary", on_click=st.logout, help="In this browser")


def token() -> str | None:
    """The workspace token of whoever is logged in; None where login is off.

    Raises
    ------
    BadInput : where login is on and nobody allowed is logged in, or the identity has no issuer or subject
    """
    if not required():
        return None
    user = st.user.to_dict()
    if not user.get("is_logged_in") or not allowed(user):
        raise BadInput("You are not logged in. Reload the page to log in.")
    return token_of(str(user.get("iss") or ""), str(user.get("sub") or ""), server_secret(home_folder()))


def token_of(issuer: str, subject: str, secret: bytes) -> str:
    """A person's workspace token: the same at every visit, and not to be guessed without the server's secret."""
    if not issuer or not subject:
        raise BadInput("Your login names no account (iss and sub are needed). Ask whoever runs this server.")
    return hmac.new(secret, f"{len(issuer)}:{issuer}{subject}".encode(), hashlib.sha256).hexdigest()


def allowed(user: dict[str, Any]) -> bool:
    """Whether EXPLORER_LOGIN_ALLOW (addresses and @domains, commas between) lets this account in; unset: everyone.

    An address that its provider says is not verified could be anybody's, and is let in nowhere.
    """
    names = [name.casefold() for name in settings.LOGIN_ALLOW()]
    if not names:
        return True
    email = str(user.get("email") or "").casefold()
    if user.get("email_verified") in (False, "false") or email.count("@") != 1:
        return False
    return email in names or "@" + email.rpartition("@")[2] in names


@cache
def server_secret(home: Path) -> bytes:
    """The secret that tokens are made with: made once, kept in the home folder, readable by the server alone.

    Raises
    ------
    BadInput : when it can neither be read nor written
    """
    path = home / "login_secret"
    try:
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f".login_secret-{secrets.token_hex(8)}"
        if not path.exists():
            # Whole or not at all, and the first server wins: a link to a file that is already there fails.
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(32))
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        secret = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"The server could not keep what logging in needs in {home} ({error.strerror}). Ask whoever runs it."
        ) from None
    if len(secret) < 32:
        raise BadInput(f"{path} is damaged: put its backup back. A new one would lock everybody out of their work.")
    return secret


def _auth() -> dict[str, Any] | None:
    """The [auth] section, None where there is none.

    Raises
    ------
    BadInput : when there is a secrets file that cannot be read: it may ask for a login
    """
    if not st.secrets.load_if_toml_exists():
        if any(Path(path).exists() for path in st.config.get_option("secrets.files")):
            raise BadInput("This server's secrets.toml cannot be read, so nobody is let in. Ask whoever runs it.")
        return None
    return dict(st.secrets["auth"]) if "auth" in st.secrets else None


def _ask() -> None:
    auth = _auth() or {}
    st.markdown("# Log in to see your maps")
    st.text("What you open here is kept for your account, and nobody else who uses this server sees it.")
    named = {name: value for name, value in auth.items() if hasattr(value, "items") and "client_id" in value}
    if "client_id" in auth:
        st.button("Log in", type="primary", on_click=st.login, key="login")
    for name in named:
        label = f"Log in with {name.replace('_', ' ').capitalize()}"
        st.button(label, on_click=st.login, args=(name,), key=f"login-{name}")
