"""The documents say what the code does: every page, command, option, sample, reader, model and setting is named."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import explorer
from explorer.doors import command_line as cli
from explorer.embedding.models import MODELS
from explorer.library.samples import FOLDER, SAMPLES, open_sample
from explorer.reading.readers import READERS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DATASETS = (FOLDER / "README.md").read_text(encoding="utf-8")
SETTINGS_STAND_IN = ("README.md", "CONTRIBUTING.md", "docs/operations.md")
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
SOURCES = [*(ROOT / "explorer").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "streamlit_app.py"]


def commands() -> dict[str, set[str]]:
    """Each command with its long options."""
    parser = cli.parser()
    (choices,) = (action.choices for action in parser._actions if isinstance(action.choices, dict))
    return {
        name: {option for action in command._actions for option in action.option_strings if option.startswith("--")}
        for name, command in choices.items()
    }


def test_the_first_screen_is_a_sentence_a_picture_and_two_commands():
    first = "\n".join(README.splitlines()[:12])
    (picture,) = re.findall(r"!\[[^\]]{20,}\]\(([^)]+)\)", first)  # with a text for those who cannot see it
    assert (ROOT / picture).stat().st_size > 10_000
    assert re.findall(r"^make \w+", first, re.MULTILINE) == ["make run", "make test"]


@pytest.mark.parametrize("page", ["home", *PAGES])
def test_readme_names_every_page(page):
    assert f"**{page.replace('_', ' ').capitalize()}**" in README


@pytest.mark.parametrize("command", list(commands()))
def test_readme_shows_every_command(command):
    assert f"python -m explorer {command} " in README


def test_readme_shows_no_command_or_option_that_is_not_there():
    every = commands()
    for command, rest in re.findall(r"python -m explorer (\w+) ([^\n#]*)", README):
        assert set(re.findall(r"--[\w-]+", rest)) <= every[command], f"{command} {rest}"


def test_readme_names_every_option_of_map():
    assert {option for option in commands()["map"] if option not in README} == {"--help"}


@pytest.mark.parametrize("name", list(READERS))
def test_readme_names_every_format(name):
    assert {"txt": "plain text", "parquet": "Parquet"}.get(name, name.upper()) in README


@pytest.mark.parametrize("name", list(MODELS))
def test_readme_names_every_model(name):
    assert f"| `{name}`" in README


@pytest.mark.parametrize("name", list(SAMPLES))
def test_readme_names_every_sample(name):
    assert f"`{name}`" in README


@pytest.mark.parametrize("file", [path.name for path in FOLDER.iterdir() if path.is_file() and path.suffix != ".md"])
def test_every_dataset_is_described(file):
    assert f"`{file}`" in DATASETS


def test_no_dataset_is_described_that_is_not_there():
    assert all((FOLDER / file).exists() for file in re.findall(r"\| `([\w.]+\.\w+)`", DATASETS))


@pytest.mark.parametrize("name", list(SAMPLES))
def test_a_samples_rows_and_columns_are_as_described(name):
    table, _ = open_sample(name)
    (line,) = [line for line in DATASETS.splitlines() if line.startswith(f"| `{SAMPLES[name].file}`")]
    assert f"| {len(table):,} |" in line
    for column in table.columns:
        assert f"`{column}`" in line


def test_the_planted_faults_are_counted_rightly():
    answers = explorer.read(FOLDER / "support_tickets_answers.csv").arrow
    counted = {fault["values"]: fault["counts"] for fault in answers.column("fault").value_counts().to_pylist()}
    documented = {fault: int(count) for fault, count in re.findall(r"^\| `(\w+)` \| (\d+) \|", DATASETS, re.MULTILINE)}
    assert documented == counted


def test_every_setting_is_told():
    documented = "".join((ROOT / name).read_text(encoding="utf-8") for name in SETTINGS_STAND_IN)
    used = {name for path in SOURCES for name in re.findall(r"EXPLORER_[A-Z_]+", path.read_text(encoding="utf-8"))}
    assert {name for name in used if name not in documented} == {
        "EXPLORER_TRACE",  # the error that it helps with names it
        "EXPLORER_JOBS",  # of tests alone
    }


def test_no_setting_is_told_that_is_not_there():
    code = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    documented = "".join((ROOT / name).read_text(encoding="utf-8") for name in SETTINGS_STAND_IN)
    assert {name for name in re.findall(r"EXPLORER_[A-Z_]+", documented) if name not in code} == set()


def test_streamlits_settings_are_its_own():
    """Each option of config.toml, and each STREAMLIT_ variable that a document names, is one that Streamlit knows."""
    from streamlit import config

    known = config._config_options_template
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    named = {f"{section}.{name}" for section, options in settings.items() for name in options}
    assert {name for name in named if name not in known and not isinstance(_at(settings, name), dict)} == set()
    documented = re.findall(r"STREAMLIT_[A-Z_]+[A-Z]", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))
    assert set(documented) <= {option.env_var for option in known.values()}


def _at(settings: dict, name: str) -> object:
    section, option = name.split(".")
    return settings[section][option]


DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_within_the_project_lead_somewhere(document):
    path = ROOT / document
    text = path.read_text(encoding="utf-8")
    targets = {target.partition("#")[0] for target in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]+[^)\s]*)\)", text)}
    assert {target for target in targets if not (path.parent / target).exists()} == set()


@pytest.mark.parametrize("name", explorer.__all__)
def test_public_names_can_be_imported(name):
    assert getattr(explorer, name).__doc__


def test_a_name_that_is_not_public():
    with pytest.raises(AttributeError, match="no attribute 'mdoels'"):
        explorer.mdoels  # noqa: B018


def test_readme_names_the_verbs_of_the_library():
    verbs = {name for name in explorer.__all__ if name.islower()}
    assert verbs == set(re.findall(r"`explorer\.(\w+)`", README))


def test_the_library_knows_nothing_of_streamlit_and_a_reader_of_nothing_heavy():
    """Reading a table must not cost the import of a text model."""
    script = (
        "import sys, explorer, explorer.doors.command_line, explorer.space, explorer.views.export\n"
        "explorer.read(sys.argv[1])\n"
        "heavy = {'streamlit', 'torch', 'transformers', 'sentence_transformers', 'umap', 'lancedb'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(ROOT / "tests" / "data" / "sentences.csv")],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


def test_streamlit_is_imported_by_the_app_alone():
    importing = {
        path.relative_to(ROOT).parts[:2]
        for path in (ROOT / "explorer").rglob("*.py")
        if re.search(r"^\s*(import|from) streamlit", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert importing == {("explorer", "app")}


def test_every_change_is_told():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert explorer.__version__ in changelog or "Unreleased" in changelog
