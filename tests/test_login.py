"""Logging in where it is asked for: who gets in, and whose workspace they get."""

from __future__ import annotations

import stat

import pytest
from streamlit.testing.v1 import AppTest
from visits import SCRIPTS

from explorer.app import login
from explorer.errors import BadInput
from explorer.library.samples import open_sample
from explorer.library.workspaces import Entry, Workspace
from explorer.store.store import Store

AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "c" * 32,
    "client_id": "explorer",
    "client_secret": "s" * 32,
    "server_metadata_url": "https://login.example/.well-known/openid-configuration",
}
ADA = {"is_logged_in": True, "iss": "https://login.example", "sub": "1", "email": "ada@example.org"}
BOB = {**ADA, "sub": "2", "email": "bob@example.org"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    monkeypatch.delenv("EXPLORER_WORKSPACES", raising=False)
    return tmp_path


def page(script: str = "streamlit_app.py", user: dict | None = None, **address: str) -> AppTest:
    app = AppTest.from_file(f"../{script}", default_timeout=60)
    app.secrets["auth"] = AUTH
    app.user = user or {}
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def page_text(app: AppTest) -> str:
    return " ".join(str(part.value) for kind in ("markdown", "text", "warning", "error") for part in app.get(kind))


def opened_by(user: dict, home) -> tuple[Entry, str]:
    """A dataset kept in somebody's workspace, and that workspace's token."""
    store = Store(home)
    token = login.token_of(user["iss"], user["sub"], login.server_secret(home))
    table, recipe = open_sample("support_tickets")
    entry = Entry(f"Private list of {user['email']}", recipe, _roles(table), len(table))
    return Workspace(store, token).remember(entry), token


def _roles(table):
    from explorer.table.roles import guess_roles

    return guess_roles(table)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_page_asks_to_log_in_and_shows_nothing_else(home, script):
    app = page(script, sample="support_tickets")
    assert [button.label for button in app.button] == ["Log in"]
    assert "Log in to see your maps" in page_text(app)
    assert "Support tickets" not in page_text(app)


def test_without_the_section_nobody_is_asked():
    app = AppTest.from_file("../streamlit_app.py", default_timeout=60).run()
    assert "Log in" not in [button.label for button in app.button]
    assert login.token() is None


def test_providers_with_names_have_a_button_each(home):
    app = AppTest.from_file("../streamlit_app.py", default_timeout=60)
    shared = {name: AUTH[name] for name in ("redirect_uri", "cookie_secret")}
    own = {name: value for name, value in AUTH.items() if name not in shared}
    app.secrets["auth"] = {**shared, "google": own, "our_company": own}
    app.run()
    assert [button.label for button in app.button] == ["Log in with Google", "Log in with Our company"]


def test_each_account_sees_its_own_list_and_no_others(home, monkeypatch):
    from explorer.app import session

    session.store.clear()
    _, of_ada = opened_by(ADA, home)
    opened_by(BOB, home)
    try:
        for user, other in ((ADA, BOB), (BOB, ADA)):
            seen = page_text(page(user=user))
            assert user["email"] in seen.replace("\\", "")
            assert other["email"] not in seen.replace("\\", "")
        # A token in the address is somebody's from before, or stolen: it counts for nothing.
        assert ADA["email"] not in page_text(page(user=BOB, w=of_ada)).replace("\\", "")
    finally:
        session.store.clear()


def test_the_address_of_another_accounts_dataset_opens_nothing(home):
    from explorer.app import session

    session.store.clear()
    entry, token = opened_by(ADA, home)
    try:
        app = page(user=BOB, w=token, space=entry.recipe.key)
        assert "not in this workspace" in page_text(app).replace("\\", "")
        assert ADA["email"] not in page_text(app).replace("\\", "")
    finally:
        session.store.clear()


def test_tokens_follow_the_account_and_need_the_secret():
    token = login.token_of("https://a", "1", b"x" * 32)
    assert token == login.token_of("https://a", "1", b"x" * 32)
    others = [
        login.token_of("https://a", "2", b"x" * 32),
        login.token_of("https://b", "1", b"x" * 32),
        login.token_of("https://a", "1", b"y" * 32),
        login.token_of("https://", "a1", b"x" * 32),
    ]
    assert len({token, *others}) == 5
    with pytest.raises(BadInput, match="names no account"):
        login.token_of("https://a", "", b"x" * 32)


def test_the_secret_is_made_once_and_only_the_server_can_read_it(tmp_path):
    secret = login.server_secret(tmp_path / "home")
    login.server_secret.cache_clear()
    assert login.server_secret(tmp_path / "home") == secret
    (file,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_damaged_secret_is_not_replaced(tmp_path):
    (tmp_path / "login_secret").write_bytes(b"short")
    with pytest.raises(BadInput, match="damaged"):
        login.server_secret(tmp_path)


@pytest.mark.parametrize(
    ("rule", "email", "verified", "may"),
    [
        ("", "anybody@anywhere.org", True, True),
        ("ada@example.org", "Ada@Example.org", True, True),
        ("ada@example.org, @firm.example", "bob@firm.example", None, True),
        ("@firm.example", "bob@sub.firm.example", True, False),
        ("@firm.example", "bob@firm.example.evil.org", True, False),
        ("@firm.example", "bob@evil.org@firm.example", True, False),
        ("@firm.example", "bob@firm.example", False, False),
        ("@firm.example", "", True, False),
    ],
)
def test_who_is_let_in(monkeypatch, rule, email, verified, may):
    monkeypatch.setenv("EXPLORER_LOGIN_ALLOW", rule)
    user = {"email": email} | ({} if verified is None else {"email_verified": verified})
    assert login.allowed(user) is may


def test_an_account_that_may_not_is_told_so(home, monkeypatch):
    monkeypatch.setenv("EXPLORER_LOGIN_ALLOW", "ada@example.org")
    app = page(user=BOB, sample="support_tickets")
    assert "bob@example.org may not use this server" in page_text(app)
    assert "Support tickets" not in page_text(app)


def test_secrets_that_cannot_be_read_let_nobody_in(home, monkeypatch, tmp_path):
    import streamlit as st

    (tmp_path / "secrets.toml").write_text("[auth\n")
    monkeypatch.setattr(st, "secrets", type("Unreadable", (), {"load_if_toml_exists": staticmethod(lambda: False)}))
    before = st.config.get_option("secrets.files")
    st.config.set_option("secrets.files", [str(tmp_path / "secrets.toml")])
    try:
        with pytest.raises(BadInput, match="nobody is let in"):
            login.required()
    finally:
        st.config.set_option("secrets.files", before)
