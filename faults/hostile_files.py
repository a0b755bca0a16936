"""Harmful and damaged files, each with the required outcome. All are generated here.

`Case.wanted` is "refused", or "any" (a table or a refusal), or a check that raises when the table is wrong.
"""

from __future__ import annotations

import io
import json
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.limits import MIB
from explorer.reading.readers import READERS
from explorer.table.table import Table

Check = Callable[[Table], None]


@dataclass
class Case:
    """One file to read. `records` is its number of rows, accepted + rejected, where that is known."""

    name: str
    data: bytes
    wanted: str | Check = "any"
    records: int | None = None
    may_refuse: bool = False  # whether it may be refused although `wanted` is a check


def cells(**wanted: list[object]) -> Check:
    """A check that the table has exactly these columns and cells."""

    def check(table: Table) -> None:
        got = table.arrow.to_pydict()
        assert got == wanted, f"cells are {str(got)[:200]}"

    return check


def narrow_headers() -> Iterator[Case]:
    """A header with fewer names than the rows have cells: pandas would make the first column an index."""
    for width in (2, 3, 6, 20):
        rows = [[f"{row}-{place}" for place in range(width)] for row in range(5)]
        for missing in (1, 2, width - 1):
            if not 0 < missing < width:
                continue
            names = [f"n{place}" for place in range(width - missing)]
            if len(names) == 1 and width > 2:
                continue  # a title over a table without a header
            text = "\n".join(",".join(row) for row in [names, *rows]) + "\n"
            labels = names + [f"column_{place + 1}" for place in range(width - missing, width)]
            wanted = {label: [row[place] for row in rows] for place, label in enumerate(labels)}
            yield Case("narrow.csv", text.encode(), cells(**wanted), 5)  # type: ignore[arg-type]


def huge_lines(short: bool) -> Iterator[Case]:
    """A million columns, and one line without an end."""
    yield Case(
        "columns.csv", b",".join(b"c%d" % i for i in range(1_000_000)) + b"\n" + b"1," * 999_999 + b"1\n", "refused"
    )
    for name in ("line.csv", "line.txt", "line.json", "line.jsonl", "line.tsv"):
        size = (70 if short else 200) * MIB
        if short and name != "line.csv":
            break
        yield Case(name, b"[1," * (size // 3) if "json" in name else b"x," * (size // 2), "refused")


def odd_json() -> Iterator[Case]:
    """Depth, repeated keys, numbers that JSON lacks, lone surrogates, bad lines, and cases of JSON test suites."""
    good = '{"text": "good", "n": 1}\n'
    deep = "[" * 100_000
    yield Case("deep.json", deep.encode(), "refused")
    yield Case("deep.json", (deep + "]" * 100_000).encode(), "refused")
    yield Case("deep.json", ('{"a":' * 100_000 + "1" + "}" * 100_000).encode(), "refused")

    def one_bad(table: Table) -> None:
        assert table.arrow.column("text").to_pylist() == ["good", "good"]
        assert [line for line, _ in table.rejected] == [2]
        assert table.contents[0], "the text of the line is gone"

    for bad in (
        '{"text": "cut',
        "[" * 100_000,
        "{'text': 1}",
        '{"text" "x"}',
        "NULL",
        "\x00",
        '{"text": "x"} {}',
        "[1]",
    ):
        yield Case("one bad line.jsonl", (good + bad + "\n" + good).encode(), one_bad, 3)
    for member in ("null", "3", '"x"', "[1]"):
        yield Case("one bad entry.json", f"[{good},{member},{good}]".encode(), one_bad, 3)
    yield Case("twice.json", b'[{"a": "x", "a": "y"}, {"a": "z"}]', cells(a=["y", "z"]), 2)
    yield Case("nan.json", b'[{"a": NaN}, {"a": 1.5}, {"a": -Infinity}]', cells(a=[None, 1.5, None]), 3)
    yield Case("half.json", rb'[{"a": "\ud83d"}, {"a": "\ud83d\ude00"}]', cells(a=["\ufffd", "\U0001f600"]), 2)
    yield Case("large.json", b'[{"a": 9007199254740993}, {"a": 1}]', cells(a=[9007199254740993, 1]), 2)
    yield Case("digits.json", b'[{"a": ' + b"9" * 5000 + b"}]", "any", 1)
    yield Case("exponent.json", b'[{"a": 1e999999}, {"a": 1}]', "any", 2)
    for text in (
        b"", b" ", b"[", b"]", b"{", b"{}", b"[]", b"null", b"nul", b"[1,]", b'["a",\n4', b"[1 true]", b'{"a":"b",}',
        b'{"a" b}', b'{a: "b"}', b"['single']", b'["\x00a"]', b"[\xff]", b'["\xc3"]', b"\xef\xbb\xbf{}",
        b"\xef\xbb\xbf",
        b'["\\u00A"]', b'["\\x00"]', b"[+1]", b"[.5]", b"[0x1]", b"[1e]", b"[-]", b"[1.]", b"[Infinity]", b'{"a":1}#',
        b'{"a":/*c*/1}', b"[[]]", b"[[[]]]", b'[{"a":{"b":[1,{"c":null}]}}]', b'{"":0}', b'{"a":1,"a":2}',
        b"[1]x", b"\x80",
        b'"\\uD800\\uD800"', b'["\\uDADA"]', b"123", b'"x"', b"true", b"[1,,2]", b"[,1]", b"[3[4]]", b"[1:2]", b"\xe5",
        b"<.>",
    ):  # fmt: skip
        yield Case("suite.json", text, "any")
        yield Case("suite.jsonl", text, "any")


def archive(entries: dict[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packed) as file:
        for name, data in entries.items():
            file.writestr(zipfile.ZipInfo(name), data, packed)
    return stream.getvalue()


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def zip_bombs(short: bool) -> Iterator[Case]:
    """Archives that inflate enormously, overlap, are nested, have too many entries, or have wrong sizes."""
    size = (100 if short else 400) * MIB // 4
    zeros = npy(np.zeros((size // 16, 16), np.float32))
    bomb = archive({"a.npy": zeros})
    yield Case("bomb.npz", bomb, "refused")
    yield Case("bomb.xlsx", archive({"xl/workbook.xml": bytes(100 * MIB), "[Content_Types].xml": b""}), "refused")
    yield Case("bomb.ods", archive({"content.xml": bytes(100 * MIB)}), "refused")
    yield Case("nested.npz", archive({"a.npy": bomb}), "refused")
    yield Case("nested.zip", archive({"a.zip": archive({"b.zip": bomb})}), "refused")
    for _ in range(2):
        bomb = archive({"a.npy": bomb})
    yield Case("nested.npz", bomb, "refused")
    yield Case("many.npz", archive({f"{i}.npy": b"" for i in range(10_001)}, zipfile.ZIP_STORED), "refused")
    yield Case("overlap.npz", _overlapping(npy(np.ones((4, 3)))), "refused")
    good = archive({"a.npy": npy(np.ones((4, 3)))})
    yield Case("lie.npz", good.replace(struct.pack("<I", 224), struct.pack("<I", 2**31)), "any")
    yield Case("cut.npz", good[: len(good) // 2], "refused")
    yield Case("locked.npz", good.replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01")
               .replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"), "refused")  # fmt: skip


def _overlapping(data: bytes) -> bytes:
    """Two entries of the directory that share one body, as in overlapping zip bombs."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.npy", data)
        again = zipfile.ZipInfo("b.npy")
        for key in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
            setattr(again, key, getattr(file.filelist[0], key))
        file.filelist.append(again)
    return stream.getvalue()


def parquet(table: pa.Table, **options: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def parquet_bombs(short: bool) -> Iterator[Case]:
    """One long string repeated through a dictionary: a few hundred bytes that become gigabytes."""
    count = 1_000 if short else 10_000
    for row_group in (count, 100):
        text = pa.array(["x" * 100_000]).take(pa.array([0] * count)).dictionary_encode()
        yield Case(
            "bomb.parquet", parquet(pa.table({"text": text}), row_group_size=row_group, compression="zstd"), "refused"
        )
    vectors = pa.array([[0.0] * 8_192]).take(pa.array([0] * count))
    yield Case("bomb.parquet", parquet(pa.table({"v": vectors}), compression="zstd"), "any")
    yield Case("wide.parquet", parquet(pa.table({f"c{i}": pa.array([1]) for i in range(10_001)})), "refused")


_LAUGHS = '<!DOCTYPE x [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
) + "]>"  # fmt: skip
_SECRET = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'


def workbook(xml: str = "", text: str = "good") -> bytes:
    """A workbook of one sheet with the columns id and text, written by hand; `xml` stands before each root."""
    head = '<?xml version="1.0" encoding="UTF-8"?>' + xml
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rows = "".join(
        f'<row r="{i}"><c r="A{i}" t="inlineStr"><is><t>{one}</t></is></c>'
        f'<c r="B{i}" t="inlineStr"><is><t>{two}</t></is></c></row>'
        for i, (one, two) in enumerate([("id", "text"), ("a", text), ("b", "fine")], 1)
    )
    return archive({
        "[Content_Types].xml": f'{head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>'.encode(),
        "_rels/.rels": f'{head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode(),
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="r1" Type="{links}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>".encode(),
        "xl/workbook.xml": f'{head}<workbook {space} xmlns:r="{links}"><sheets>'
        '<sheet name="one" sheetId="1" r:id="r1"/></sheets></workbook>'.encode(),
        "xl/worksheets/sheet1.xml": f"{head}<worksheet {space}><sheetData>{rows}</sheetData></worksheet>".encode(),
    })  # fmt: skip


def entity_bombs() -> Iterator[Case]:
    """XML that grows when its entities are expanded, or that reads a file of the server."""

    def harmless(table: Table) -> None:
        text = str(table.arrow.to_pydict())
        assert "root:" not in text, "a file of the server was read"
        assert len(text) < 10_000, "entities were written out"

    yield Case("plain.xlsx", workbook(), cells(id=["a", "b"], text=["good", "fine"]), 2)
    for xml in (_LAUGHS, _SECRET):
        yield Case("entities.xlsx", workbook(xml, "&j;"), harmless, may_refuse=True)
        yield Case("entities.xml", f'<?xml version="1.0"?>{xml}<x>&j;</x>'.encode(), "refused")
        body = (
            '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>'
            '<table:table table:name="one"><table:table-row><table:table-cell office:value-type="string">'
            "<text:p>&j;</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
        )
        sheet = archive({
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f'<?xml version="1.0"?>{xml}{body}'.encode(),
        })  # fmt: skip
        yield Case("entities.ods", sheet, harmless, may_refuse=True)
    far = _with_part(workbook(), "xl/worksheets/sheet1.xml", b'r="B3"', b'r="XFD1048576"')
    yield Case("far cells.xlsx", far, "refused")
    repeat = (
        '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>'
        '<table:table table:name="one"><table:table-row table:number-rows-repeated="1048576"><table:table-cell '
        'table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p></table:table-cell>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    yield Case("repeat.ods", archive({"mimetype": mime, "content.xml": repeat.encode()}), "refused")


def _with_part(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts[part] = parts[part].replace(old, new)
    return archive(parts)


def zip_paths() -> Iterator[Case]:
    """Names that would leave the folder if they were extracted. Nothing is extracted: names are only labels."""
    data = npy(np.ones((3, 4), np.float32))
    odd = ("../x", "/etc/x", "..\\x", "C:\\x", "a/../../x", "x" * 300, "con", "\u202ex", "a\nb", "-rf", "~", "")
    for name in odd:
        yield Case("paths.npz", archive({f"{name}.npy": data}), "any")
    link = zipfile.ZipInfo("link.npy")
    link.external_attr = 0o120777 << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr(link, "/etc/passwd")
    yield Case("link.npz", stream.getvalue(), "refused")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that the name is there already
        for _ in range(2):
            file.writestr(zipfile.ZipInfo("a.npy"), data)
    yield Case("twice.npz", stream.getvalue(), "refused")


def _header(text: str) -> bytes:
    padded = text.encode() + b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded


def lying_arrays() -> Iterator[Case]:
    """Headers that promise more bytes than follow, or that contain Python code."""
    yield Case("objects.npy", npy(np.array([{"a": 1}, None], dtype=object)), "refused")
    for shape in ("(1000000000, 1000)", "(-1, 4)", "(4,)*20", "(2**40,)", "()", "(0, 8)", "(3, 0)", "(1, 2, 3)", "'x'"):
        for kind in ("<f4", "|O", "<U1000000", "|V8", "<M8[s]", "x"):
            text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
            yield Case("lies.npy", _header(text) + bytes(64), "any" if shape == "(0, 8)" else "refused")
    yield Case("code.npy", _header("{'descr': __import__('os').system('true'), 'shape': (1,)}"), "refused")
    yield Case("deep.npy", _header("(" * 5_000), "refused")
    yield Case("deep.npy", _header("-" * 60_000 + "1"), "refused")


class _Canary:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def pickles(canary: Path) -> Iterator[Case]:
    """A pickle that creates a file when it is loaded, with every accepted ending and some more."""
    endings = [ending for reader in READERS.values() for ending in reader.extensions]
    for ending in (*endings, ".pkl", ".joblib", ".pt", ".bin", ""):
        for protocol in range(6):
            data = pickle.dumps(_Canary(canary), protocol)
            yield Case(f"canary{ending}", data, "any")
    inside = np.array([_Canary(canary)], dtype=object)
    yield Case("canary.npy", npy(inside), "refused")
    yield Case("canary.npz", archive({"a.npy": npy(inside)}), "refused")
    yield Case("canary.pt", archive({"archive/data.pkl": pickle.dumps(_Canary(canary))}), "refused")


def odd_texts() -> Iterator[Case]:
    """Cells that must be read back character for character."""
    texts = [
        "x" * MIB, "\u05e9\u05dc\u05d5\u05dd \u202eabc\u202c", "\U0001f469\u200d\U0001f680 \U0001f1e9\U0001f1ea",
        "a\0b", "e\u0301 \u00e9",
        "\u2028\u2029\x85\x0b\x0c", "<script>alert(1)</script>", "=1+1", "001", "NA", "9007199254740993", "\ufeffx",
        " padded ",
        "line\nbreak", 'quote "', "\ud7ff\ue000\U0010ffff",
    ]  # fmt: skip
    table = pa.table({"id": [str(i) for i in range(len(texts))], "text": texts})
    wanted = cells(id=table["id"].to_pylist(), text=texts)  # type: ignore[arg-type]

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    lines = ['"id","text"', *(f'"{i}",{quoted(text)}' for i, text in enumerate(texts))]
    records = [{"id": str(i), "text": text} for i, text in enumerate(texts)]
    yield Case("odd.csv", ("\r\n".join(lines) + "\r\n").encode(), wanted, len(texts))
    yield Case("odd.json", json.dumps(records).encode(), wanted, len(texts))
    yield Case(
        "odd.jsonl", "\n".join(json.dumps(one, ensure_ascii=False) for one in records).encode(), wanted, len(texts)
    )
    yield Case("odd.parquet", parquet(table), wanted, len(texts))


def valid_files() -> dict[str, bytes]:
    """One valid file of each format, to be damaged."""
    texts = [f"a review, number {i}: \u00e9\u4e2d" for i in range(20)]
    table = pa.table({"id": [str(i) for i in range(20)], "text": texts, "v": [[float(i), 1.0, 2.0] for i in range(20)]})
    plain = "\n".join(["id,text,n", *(f'{i},"{text}",{i}.5' for i, text in enumerate(texts))]) + "\n"
    records = [{"id": i, "text": text, "tags": ["a", i]} for i, text in enumerate(texts)]
    vectors = np.arange(60, dtype=np.float32).reshape(20, 3)
    return {
        "valid.csv": plain.encode(),
        "valid.tsv": plain.replace(",", "\t").encode(),
        "valid.json": json.dumps(records).encode(),
        "valid.jsonl": "\n".join(map(json.dumps, records)).encode(),
        "valid.txt": "\n".join(texts).encode("utf-16"),
        "valid.parquet": parquet(table),
        "zstd.parquet": parquet(table, compression="zstd", data_page_version="2.0"),
        "valid.xlsx": workbook(),
        "valid.npy": npy(vectors),
        "valid.npz": archive({"v.npy": npy(vectors), "id.npy": npy(np.arange(20))}),
    }


def damaged(rng: np.random.Generator, each: int) -> Iterator[Case]:
    """Each valid file with bytes changed, removed or doubled, or without its end."""
    for name, data in valid_files().items():
        for number in range(each):
            spoiled = bytearray(data)
            for _ in range(int(rng.integers(1, 9))):
                place = int(rng.integers(len(spoiled)))
                match number % 5:
                    case 0:
                        spoiled[place] ^= 1 << int(rng.integers(8))
                    case 1:
                        spoiled[place] = int(rng.choice([0, 0xFF, 0x7F, 0x80, 0x22, 0x5C]))
                    case 2:
                        spoiled = spoiled[: max(1, place)]
                    case 3:
                        del spoiled[place : place + int(rng.integers(1, 20))]
                    case _:
                        spoiled[place:place] = spoiled[place : place + int(rng.integers(1, 20))]
                if not spoiled:
                    spoiled = bytearray(b"x")
            yield Case(name, bytes(spoiled))
