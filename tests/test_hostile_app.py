"""Text that would like to be markup, in cells, column names and file names: it is shown as it stands, everywhere."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from urllib.parse import parse_qs, quote

import pytest
from map_driver import PATIENCE, Visitor
from playwright.sync_api import Browser, expect

from explorer.building import build
from explorer.reading.readers import read
from explorer.recipe import Projection, Recipe
from explorer.store.store import Store
from explorer.table.roles import guess_roles
from explorer.views.export import write_map

IMAGE = "<img src=x onerror=alert(1)>"
HOSTILE = (
    "<script>alert('cell')</script>",
    IMAGE,
    '"><svg onload=alert(2)>',
    "![a](http://127.0.0.1:9/x.png)",
    "[x](javascript:alert(3))",
    ":red[x] :material/home: :small[y] :streamlit:",
    "$\\alpha$ and $$\\href{javascript:alert(4)}{z}$$",
    "# Heading **bold** `code` ~~gone~~ http://127.0.0.1:9/auto",
    "<!-- comment --> &lt;b&gt; &amp; <b>bold</b> {{7*7}} ${7*7}",
    "</textarea></style><style>*{display:none}</style><iframe src=http://127.0.0.1:9/f></iframe>",
    "\u202eright to left\u202c <a href='http://127.0.0.1:9/' autofocus onfocus=alert(5)>go</a>",
    "1. one\n2. two\n\n    indented\n\n---\n> quoted | table | cell",
    ":smile: :rocket: :red-background[x] :blue-badge[z] :material/bolt: "
    "\x1b[31mred\x1b[0m \x1b]8;;http://127.0.0.1:9/\x07x",
    "Z\u0351\u0368a\u0300l\u0317go \U0001f468\u200d\U0001f469\u200d\U0001f467 \ufeff\u200b\u2066\u2067 "
    "%00 %3Cscript%3E \\u003cscript\\u003e &#60;b&#62;",
    "<b\n>t</b> </script><script>alert(10)</script> "
    "<math><mi xlink:href='javascript:alert(11)'>t</mi></math> onload=alert(12)",
)
TEXT = "[text](javascript:alert(6)) <b>t</b>"
LABEL = f"{IMAGE} :red[kind] $\\beta$"
NUMBER = "<script>alert('name')</script> :material/star:"
FILE = "<img src=x onerror=alert(7)> :red[name] $x$ **b** [l](javascript:alert(8)).csv"


# So many that the column holds too few tags to be taken for HTML, which would be left out of the texts.
PLAIN = [f"Bake the loaf for {minutes} minutes until it is golden." for minutes in range(10, 130)]


def hostile_csv() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([TEXT, LABEL, NUMBER])
    for number, text in enumerate([*HOSTILE, *PLAIN]):
        writer.writerow([text, HOSTILE[number % 3], number + 0.5])
    return out.getvalue().encode()


MADE_FROM_DATA = """() => {
  const inside = (node) => [node, ...(node.shadowRoot ? all(node.shadowRoot) : [])];
  const all = (root) => [...root.querySelectorAll("*")].flatMap(inside);
  const made = "img[src='x'], [onerror], [onload], [onfocus], a[href^='javascript'], [href*='127.0.0.1:9'], "
    + "[src*='127.0.0.1:9'], iframe, .katex";
  const words = ["x", "z", "t", "l", "bold", "gone", "go", "Heading"];
  // Markdown makes a link of an address that is written out: what it opens is what it shows, and only on a click.
  const shown = (node) => node.matches("a[href^='http'][rel~=noreferrer]")
      && node.textContent === decodeURI(node.getAttribute("href"));
  // Search marks the words that were asked for.
  const asked = [...document.querySelectorAll("input")].map((box) => box.value).join(" ");
  const found = (node) => node.matches("[class*=st-key-hit-] strong") && asked.includes(node.textContent.trim());
  return all(document).filter((node) => node.matches(made) && !shown(node)
      || (node.matches("script:not([type='application/json'])") && node.textContent.includes("alert("))
      || (node.matches("a, b, h1, h2, strong") && words.includes(node.textContent.trim()) && !found(node)))
    .map((node) => node.outerHTML.slice(0, 200));
}"""


def harmless(me: Visitor) -> None:
    """Nothing on the page was made from the data but text."""
    assert me.page.evaluate(MADE_FROM_DATA) == []
    assert me.wrongs == []


@pytest.mark.timeout(480)
def test_hostile_text_is_shown_and_never_run(browser: Browser, app_url: str, tmp_path: Path):
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    me = Visitor(context, app_url)
    page = me.page

    me.go()
    me.drop(FILE, hostile_csv())
    expect(page.get_by_role("heading", level=3, name=FILE, exact=True)).to_be_visible()
    harmless(me)
    if TEXT not in page.get_by_test_id("stMultiSelect").inner_text():
        page.get_by_role("combobox", name="Text to embed").click()
        page.get_by_role("option", name=TEXT, exact=True).click()
        page.keyboard.press("Escape")
        me.idle()
    harmless(me)
    me.build()
    expect(page.locator("h1")).to_have_text(FILE)
    harmless(me)

    state = me.open_map()
    assert len(state["px"]) == len(HOSTILE) + len(PLAIN)
    expect(page.locator(".st-key-header")).to_contain_text(FILE[:50])
    for choice in (LABEL, NUMBER, "group"):
        me.recolor(choice)
        harmless(me)
    me.recolor(LABEL)
    names = page.locator(".em-legend .em-name").all_inner_texts()
    assert set(names) == set(HOSTILE[:3])

    # Every hostile cell in the tooltip and in the panel beside the map, its neighbors too.
    state = me.map()
    for item, text in list(enumerate(HOSTILE))[::3]:
        me.go(page.url.partition("&at=")[0] + f"&at={item}")
        expect(page.locator(".st-key-row-text")).to_contain_text(text.splitlines()[0].strip(), timeout=PATIENCE)
        harmless(me)
    expect(page.locator(".st-key-facts")).to_contain_text(LABEL)
    expect(page.locator("[class*=st-key-near-]")).to_have_count(10, timeout=PATIENCE)
    near = " ".join(page.locator("[class*=st-key-near-]").all_inner_texts())
    assert sum(text.splitlines()[0][:20] in near for text in HOSTILE) >= 5
    item = me.lonely(me.map())
    me.point(item)
    expect(page.locator(".em-tip")).to_contain_text(NUMBER)
    harmless(me)

    page.get_by_role("button", name="Advanced").click()
    harmless(me)
    page.keyboard.press("Escape")
    me.lasso([(0.01, 0.08), (0.7, 0.08), (0.7, 0.99), (0.01, 0.99)])
    page.locator("h4", has_text="selected").wait_for()
    me.idle()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    harmless(me)

    # The address may hold anything as well, and the list of what was opened before shows the file's name.
    me.go(page.url + "&why=" + "%3Cscript%3Ealert(9)%3C%2Fscript%3E%20%3Ared%5Bx%5D")
    expect(page.get_by_text("<script>alert(9)</script> :red[x]")).to_be_visible()
    harmless(me)
    dataset = "space=" + parse_qs(page.url.partition("?")[2])["space"][0]
    me.go("?sample=digits")
    expect(page.get_by_test_id("stMain")).to_contain_text(FILE[:50])
    harmless(me)
    page.get_by_text("Storage", exact=True).click()
    me.idle()
    harmless(me)

    # Search, by meaning and by words, for the hostile itself; results with their marked words.
    for mode, query in (("", HOSTILE[0]), ("&mode=words", "alert cell"), ("", HOSTILE[-1])):
        me.go(f"search?{dataset}{mode}&q={quote(query)}")
        expect(page.locator("[class*=st-key-hit-]").first).to_be_visible(timeout=PATIENCE)
        harmless(me)
    shown = " ".join(page.locator("[class*=st-key-hit-]").all_inner_texts())
    assert sum(" ".join(text.split())[:15] in " ".join(shown.split()) for text in HOSTILE) >= 5

    # The groups, their texts and names; then the report, its picture, and the page that it is handed on as.
    me.go(f"clusters?{dataset}")
    harmless(me)
    me.go(f"clusters?{dataset}&tab={quote('Themes report')}")
    harmless(me)
    with page.expect_download() as found:
        page.get_by_role("button", name="Report as a page").click()
    handed_on = tmp_path / "report.html"
    found.value.save_as(handed_on)
    harmless(me)

    me.go(f"outliers?{dataset}")
    harmless(me)
    context.close()
    assert not me.wrongs
    opened_elsewhere(browser, handed_on)


def opened_elsewhere(browser: Browser, file: Path) -> None:
    """A page that was handed on, opened from the disk: it runs nothing that came with the data and asks nobody."""
    context = browser.new_context()
    me = Visitor(context, file.as_uri())
    me.page.goto(file.as_uri())
    me.page.wait_for_timeout(300)
    assert me.page.evaluate(MADE_FROM_DATA) == []
    assert [wrong for wrong in me.wrongs if file.as_uri() not in wrong] == []
    assert FILE[:20] in me.page.inner_text("body")
    context.close()


def test_a_map_of_hostile_text_that_was_handed_on(browser: Browser, store: Store, tmp_path: Path):
    table = read(io.BytesIO(hostile_csv()), name=FILE)
    store.put("table", table.digest, table.arrow, {"name": table.name})
    recipe = Recipe(table.digest, (TEXT,), projection=Projection("pca"))
    write_map(build(recipe, store=store), guess_roles(table), table.name, tmp_path)
    opened_elsewhere(browser, tmp_path / "map.html")


def test_a_hostile_file_that_cannot_be_read_is_named_as_it_stands(browser: Browser, app_url: str):
    context = browser.new_context()
    me = Visitor(context, app_url)
    me.go()
    name = FILE.replace(".csv", ".parquet")
    files = {"name": name, "mimeType": "application/octet-stream", "buffer": b"PAR1 and no more"}
    me.page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(files)
    expect(me.page.get_by_test_id("stAlert")).to_contain_text(name)
    harmless(me)
    me.go("map?sample=" + "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%20%3Ared%5Bx%5D")
    expect(me.page.get_by_test_id("stAlert")).to_contain_text("<img src=x onerror=alert(1)> :red[x]")
    harmless(me)
    context.close()
    assert not me.wrongs
