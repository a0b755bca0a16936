"""Tables of web pages, which many systems save as .xls, and Excel's own XML."""

import contextlib
from pathlib import Path

import pytest

from explorer.errors import BadInput
from explorer.reading.readers import read
from explorer.table.roles import guess_roles

CASES = Path(__file__).parent / "data" / "cases"
TEXTS = ["The parcel came late", "Nobody called me back", "The blender leaks badly", "A friendly person helped me"]
ROWS = "".join(f"<tr><td>{n}</td><td>{text}</td><td>{n}.50</td></tr>" for n, text in enumerate(TEXTS))
TABLE = f"<table><tr><th>Case</th><th>Text</th><th>Cost</th></tr>{ROWS}</table>"


def refusal(data: bytes, name: str = "a.html", **choices) -> str:
    with pytest.raises(BadInput) as caught:
        read(data, name=name, **choices)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_case_report():
    table = read(CASES / "report_html.xls")
    assert (len(table), table.format, table.rejected) == (70, "html", ())
    assert table.columns == ["Case", "Complaint", "Kind", "Cost"]
    assert table.arrow.column("Case")[0].as_py() == "00000"
    assert guess_roles(table).text == ("Complaint",)
    assert table.notes == ("report_html.xls was read as HTML, which is what it contains.",)


@pytest.mark.parametrize("name", ["a.xls", "a.html", "a.htm", "a.csv", "a.xlsx", "a"])
@pytest.mark.parametrize(
    "page",
    [
        f"<html><body>{TABLE}</body></html>",
        f"<!DOCTYPE html>\n<html>{TABLE}",
        TABLE,
        f'<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><body>{TABLE}</body></html>',
        f"\ufeff\n<HTML><BODY>{TABLE.upper().replace('</TD>', '').replace('</TR>', '')}</BODY></HTML>",
    ],
)
def test_a_page_with_a_table(page, name):
    table = read(page.encode(), name=name)
    assert len(table) == 4
    assert [column.lower() for column in table.columns] == ["case", "text", "cost"]


@pytest.mark.parametrize("name", ["a.xls", "a.html"])
def test_a_part_of_a_page(name):
    assert len(read(f'<meta charset="utf-8"><style>td {{color: red}}</style>{TABLE}'.encode(), name=name)) == 4
    assert len(read(f"<!-- made by a shop --><div><h2>Cases</h2>{TABLE}</div>".encode(), name=name)) == 4


def test_cells_of_a_csv_are_no_page():
    table = read(b"<div>one</div>,<table><tr><td>x</td></tr></table>\n<div>two</div>,<b>x</b>\n", name="a.csv")
    assert table.format == "csv"


def test_the_largest_table_with_texts_is_read():
    menu = "<table>" + "<tr><td>1</td><td>2</td></tr>" * 50 + "</table>"
    layout = f"<table><tr><td>Menu</td><td>{menu}{TABLE.replace('<table>', '<table id=cases>')}</td></tr></table>"
    table = read(f"<html>{layout}</html>".encode(), name="a.html")
    assert len(table) == 4
    assert (table.sheet, table.sheets) == ("cases", ("Table 1", "cases"))
    assert "The table 'cases' was read, the largest one with texts; not 'Table 1'." in table.notes
    assert len(read(f"<html>{layout}</html>".encode(), name="a.html", sheet="Table 1")) >= 49


def test_cells_as_a_reader_sees_them():
    cell = "<p>Came&nbsp;late &amp; <b>bro</b>ken<script>bad()</script></p>"
    cell += "<ul><li>one\n  two</li><li>three</li></ul>a<br>b"
    table = read(
        f"<table><tr><th>id<th>text</tr><tr><td>1<td>{cell}<tr><td>2<td>&nbsp;</table>".encode(), name="a.html"
    )
    assert table.arrow.to_pylist() == [
        {"id": "1", "text": "Came late & broken\none two\nthree\na\nb"},
        {"id": "2", "text": None},
    ]


def test_groups_of_columns_and_cells_over_several_rows():
    head = "<thead><tr><th rowspan=2>Region</th><th colspan=2>2026</th></tr><tr><th>Sum</th><th>Text</th></tr></thead>"
    body = "<tr><td rowspan=2>North</td><td>1</td><td>x</td></tr><tr><td>2</td><td>y</td></tr>"
    foot = "<tfoot><tr><td>Total</td><td>3</td><td></td></tr></tfoot>"
    table = read(
        f"<table>{head}{body}<tr><td>South</td><td>0</td><td>z</td></tr>{foot}</table>".encode(), name="a.html"
    )
    assert table.arrow.to_pylist() == [
        {"Region": "North", "Sum": "1", "Text": "x"},
        {"Region": "North", "Sum": "2", "Text": "y"},
        {"Region": "South", "Sum": "0", "Text": "z"},
    ]
    assert table.rejected == ((6, "a row of totals"),)


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="windows-1252">', "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">', "shift_jis"),
        ("", "utf-8"),
        ("", "utf-16"),
        ('<meta charset="latin-9000">', "utf-8"),
    ],
)
def test_encodings_of_pages(head, encoding):
    word = "満足" if encoding in ("shift_jis", "utf-8") else "größer"
    page = f"<html><head>{head}</head>{TABLE.replace('late', word)}</html>".encode(encoding)
    assert read(page, name="a.html").arrow.column("Text")[0].as_py() == f"The parcel came {word}"


def test_a_page_saved_in_one_file():
    page = f"<html><body>{TABLE}</body></html>".replace("=", "=3D").replace("late", "sp=E4t")
    saved = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\n'
        'Content-Type: text/html; charset="windows-1252"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        f"{page}\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBO\r\n--b--\r\n"
    )
    for name in ("a.mht", "a.xls"):
        assert read(saved.encode(), name=name).arrow.column("Text")[0].as_py() == "The parcel came spät"


def test_pages_without_a_table():
    assert refusal(b"<!DOCTYPE html><p>Log in first</p>") == (
        "a.html is a web page without a table. Download the file itself, or save it as .xlsx or CSV."
    )
    assert "without a table" in refusal(b"<html><body>Error 404</body></html>", "reviews.csv")
    assert "save it as .xlsx" in refusal(b"<html><frameset><frame src='sheet001.htm'></frameset></html>", "a.xls")


def test_hostile_pages():
    assert "too many cells" in refusal(b"<table>" + b"<tr>" + b"<td colspan=999>" * 20 + b"</table>")
    assert len(read((TABLE[:-8] + "<tr><td rowspan=999999 colspan=99999999999>x</table>").encode(), name="a.html")) == 5
    deep = b"<table><tr><td>a</td></tr><tr><td>" + b"<b>" * 50_000 + b"x</table>"
    with contextlib.suppress(BadInput):
        assert len(read(deep, name="a.html")) <= 2


SHEET = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:html="http://www.w3.org/TR/REC-html40">
 <Worksheet ss:Name="Cover"><Table><Row><Cell><Data ss:Type="String">Our report</Data></Cell></Row></Table></Worksheet>
 <Worksheet ss:Name="Codes"><Table><Row><Cell><Data ss:Type="String">x</Data></Cell></Row></Table>
  <WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible></WorksheetOptions>
 </Worksheet>
 <Worksheet ss:Name="Cases"><Table>
  <Row ss:Index="2"><Cell><Data ss:Type="String">Case</Data></Cell><Cell><Data ss:Type="String">When</Data></Cell>
   <Cell ss:Index="4"><Data ss:Type="String">Text</Data></Cell></Row>
  ROWS
 </Table></Worksheet>
</Workbook>"""
LINE = """<Row><Cell><Data ss:Type="Number">{}</Data></Cell>
<Cell><Data ss:Type="DateTime">2026-03-0{}T{}.000</Data></Cell>
<Cell ss:Index="4"><ss:Data ss:Type="String"><html:B>{}</html:B></ss:Data></Cell></Row>"""


def test_the_xml_of_excel():
    rows = "".join(LINE.format(n, n, "08:30:00" if n == 2 else "00:00:00", TEXTS[n - 1]) for n in (1, 2, 3))
    table = read(SHEET.replace("ROWS", rows).encode(), name="a.xls")
    assert (table.format, table.sheet, table.sheets) == ("xlsx", "Cases", ("Cover", "Codes", "Cases"))
    assert table.arrow.to_pylist()[:2] == [
        {"Case": "1", "When": "2026-03-01", "Text": TEXTS[0]},
        {"Case": "2", "When": "2026-03-02 08:30:00", "Text": TEXTS[1]},
    ]
    assert table.header_row == 2
    assert "Hidden and not read: 'Codes'. Choose a sheet to read it." in table.notes
    assert read(SHEET.encode(), name="a.xml", sheet="Codes", header=False).arrow.num_rows == 1
    assert "damaged XML workbook" in refusal(SHEET[:700].encode(), "a.xls")


def test_the_xml_of_excel_reads_no_other_file(tmp_path):
    (tmp_path / "secret").write_text("secret words")
    entity = f'<!DOCTYPE Workbook [<!ENTITY e SYSTEM "file://{tmp_path}/secret"><!ENTITY b "bbbb">]>'
    rows = LINE.format(1, 1, "00:00:00", "&e;&b; in a text of words") + LINE.format(2, 2, "00:00:00", TEXTS[0])
    data = SHEET.replace("<Workbook", entity + "<Workbook", 1).replace("ROWS", rows)
    assert "secret words" not in str(read(data.encode(), name="a.xls").arrow.to_pylist())
