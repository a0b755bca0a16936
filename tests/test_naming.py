"""Names of groups come out readable in other languages: ten own sentences on each of three topics."""

from pathlib import Path

import numpy as np
import pytest

from explorer import read
from explorer.analysis.naming import are_words, name_by_phrases, name_groups, name_selection, names_for
from explorer.analysis.phrases import count_phrases
from explorer.analysis.unspaced import UNSPACED, Unspaced
from explorer.building import build
from explorer.library.samples import open_sample
from explorer.recipe import READY_MADE
from explorer.space import Space
from explorer.store.store import Store
from tests.examples import sentence_ids, sentence_space, stored_recipe, table_of

CASES = Path(__file__).parent / "data" / "cases"

GERMAN = """
Der Zug nach Hamburg hatte wieder einmal eine Stunde Verspätung.
Ich habe den Zug verpasst, weil der Bahnsteig geändert wurde.
Im Zug war es sehr voll, und die Heizung ging nicht.
Auf dem Bahnhof gab es keine Durchsage über die Verspätung.
Wegen der Verspätung habe ich meinen Anschluss verpasst.
Der Schaffner im Zug war freundlich und hat uns geholfen.
Am Bahnhof waren alle Fahrkartenautomaten kaputt.
Warum fährt sonntags kein Zug mehr zu unserem Bahnhof?
Meine Fahrkarte galt nicht für diesen Zug.
Die Verspätung wurde erst am Bahnhof angezeigt.
Die Suppe war leider kalt und auch nicht gut gewürzt.
Wir haben die Suppe mit frischem Brot gegessen.
Eine warme Suppe ist im Winter immer das Beste für mich.
Das Brot kommt morgens aus dem Ofen und duftet herrlich.
Zum Braten gibt es Kartoffeln und eine dunkle Soße.
Die Kartoffeln müssen zwanzig Minuten in Salzwasser kochen.
Man gibt Zwiebeln und Kartoffeln in die Suppe.
Der Ofen sollte gut vorgeheizt sein, bevor das Brot hineinkommt.
Ohne Salz schmeckt die beste Suppe nach nichts.
Zwiebeln schneiden und in Butter im Ofen rösten.
Die Rechnung wurde zweimal von meinem Konto abgebucht.
Auf der Rechnung steht ein falscher Betrag.
Bitte überweisen Sie mir das Geld auf mein Konto zurück.
Ich warte seit drei Wochen auf die Erstattung.
Für die Erstattung brauchen Sie nur die Nummer der Rechnung.
Mein Konto wurde ohne Grund gesperrt.
Die Erstattung kam an, aber der Betrag stimmt nicht.
Können Sie mir die Rechnung noch einmal schicken?
Das Abo habe ich gekündigt, trotzdem kam eine Rechnung.
Von welchem Konto wurde der Betrag abgebucht?
"""
SPANISH = """
El tren a Madrid llegó con una hora de retraso otra vez.
Perdí el tren porque cambiaron el andén sin avisar.
En el tren hacía mucho frío y no había asientos.
En la estación nadie nos explicó el retraso.
Por culpa del retraso no pude llegar a la reunión.
La estación está cerca de mi casa, pero el tren no para allí.
Compré el billete en la estación porque la máquina no funcionaba.
Mi billete no era válido para ese tren.
El revisor del tren fue muy amable con nosotros.
Los domingos no hay ningún tren desde esta estación.
La sopa estaba fría y no tenía nada de sal.
Comimos la sopa con un poco de pan recién hecho.
Una sopa caliente es lo mejor para mí en el invierno.
El pan sale del horno a las seis de la mañana.
Se cortan las cebollas y se fríen en aceite.
Las patatas se cuecen veinte minutos en agua con sal.
Hay que calentar el horno antes de meter el pan.
Se añaden las patatas y las cebollas a la sopa.
Sin sal, la mejor sopa no sabe a nada.
Con el pan de ayer se hace una sopa de ajo.
Me cobraron la factura dos veces en la tarjeta.
En la factura aparece un importe equivocado.
Quiero que me devuelvan el dinero a mi cuenta.
Llevo tres semanas esperando el reembolso.
Para el reembolso solo necesitan el número de factura.
Han bloqueado mi cuenta sin ningún motivo.
Llegó el reembolso, pero el importe no es correcto.
¿Pueden enviarme la factura otra vez?
Cancelé la suscripción y aun así me llegó una factura.
¿De qué cuenta sacaron el importe?
"""
JAPANESE = """
電車が一時間も遅れて会議に間に合いませんでした。
駅のホームで電車を待っていたら、運休の案内がありました。
新しい電車は静かで、座席も広いです。
定期券を駅で買うには、窓口に並ぶ必要があります。
終電を逃したので、駅からタクシーで帰りました。
通勤電車は毎朝混雑していて大変です。
乗り換えの駅で迷ってしまいました。
特急電車の指定席を予約しました。
大雪で電車が止まり、駅に人があふれていました。
この路線の電車は本数が少ないです。
味噌汁に豆腐とわかめを入れます。
玉ねぎを薄く切って、鍋で炒めます。
このラーメンのスープは豚骨で作ります。
豆腐を鍋に入れて、弱火で煮ます。
醤油と砂糖で味を整えてください。
鶏肉を醤油に漬けて、一晩置きます。
鍋にスープを入れて温めます。
カレーは弱火でじっくり煮込みます。
豆腐の水を切り、醤油をかけて食べます。
野菜を細かく刻み、スープに加えます。
返金の申請をしましたが、まだ入金されていません。
注文をキャンセルしたのに、返金されません。
商品が壊れていたので返品と返金をお願いします。
二重に請求されています。注文を確認してください。
返金処理にはどのくらいかかりますか。
注文番号が分かりません。
クレジットカードの請求額が間違っています。
返品した商品の返金が届きません。
注文した商品とは違うものが届きました。
キャンセル料を請求されましたが、説明がありませんでした。
"""
CHINESE = """
火车晚点了一个小时，我错过了会议。
火车站人太多，我们排队买火车票。
这趟火车很安静，座位也很宽。
火车票在网上可以买到。
坐火车去北京要五个小时。
高铁比普通火车快很多。
我申请退款，但是钱还没到账。
订单取消了，退款还没有收到。
商品坏了，我要退货退款。
订单号我找不到了。
请确认我的订单，信用卡被扣了两次。
收到的商品和订单不一样。
"""
THAI = """
รถไฟมาสายหนึ่งชั่วโมง
ผมรอรถไฟที่สถานีนานมาก
ตั๋วรถไฟซื้อได้ที่สถานี
รถไฟขบวนนี้เงียบและสะอาด
สถานีรถไฟคนเยอะมาก
รถไฟเที่ยวสุดท้ายออกแล้ว
ฉันขอเงินคืนแต่ยังไม่ได้รับ
สินค้าเสียหาย ต้องการเงินคืน
คำสั่งซื้อถูกยกเลิก แต่เงินคืนยังไม่มา
สินค้าไม่ตรงกับคำสั่งซื้อ
ยกเลิกคำสั่งซื้อได้อย่างไร
สินค้าส่งมาผิด ขอเงินคืน
"""
EXPECTED = {
    "German": (
        GERMAN,
        [
            {"Zug", "Verspätung", "Bahnhof"},
            {"Suppe", "Brot", "Ofen", "Kartoffeln", "Zwiebeln"},
            {"Rechnung", "Konto", "Erstattung", "Betrag"},
        ],
    ),
    "Spanish": (
        SPANISH,
        [
            {"tren", "estación", "retraso", "billete"},
            {"sopa", "pan", "sal", "horno", "patatas"},
            {"factura", "reembolso", "importe", "cuenta"},
        ],
    ),
    "Japanese": (
        JAPANESE,
        [
            {"電車", "駅", "タクシー"},
            {"豆腐", "スープ", "鍋", "醤油", "弱火"},
            {"返金", "注文", "商品", "返品", "請求", "キャンセル"},
        ],
    ),
    "Chinese": (CHINESE, [{"火车", "个小时"}, {"退款", "订单", "商品", "取消"}]),
    "Thai": (THAI, [{"รถไฟ", "สถานี", "ซื้อ"}, {"เงินคืน", "สินค้า", "ซื้อ", "ยกเลิก"}]),
}


def lines(text):
    return text.strip().split("\n")


def topics(texts, groups):
    return np.repeat(np.arange(groups), len(texts) // groups)


@pytest.mark.parametrize("language", EXPECTED)
def test_names_are_words_of_the_language(language):
    text, expected = EXPECTED[language]
    texts = lines(text)
    for name, words in zip(name_groups(texts, topics(texts, len(expected))), expected, strict=True):
        assert {name.head, *name.qualifiers} <= words


@pytest.mark.parametrize("language", ["German", "Spanish", "Japanese"])
def test_the_order_of_the_texts_does_not_matter(language):
    text, expected = EXPECTED[language]
    texts, labels = lines(text), topics(lines(text), len(expected))
    order = np.random.default_rng(0).permutation(len(texts))
    assert name_groups([texts[place] for place in order], labels[order]) == name_groups(texts, labels)


def test_japanese_names_are_whole_words():
    """No particle hangs on a word, and no half of a verb or an adjective is one."""
    words = set(count_phrases(lines(JAPANESE)).spelled)
    assert {"電車", "駅", "返金", "注文", "ラーメン", "クレジットカード"} <= words
    assert not words & {"電車が", "食", "遅", "新", "間違", "壊", "切"}


def test_words_of_both_kinds_of_script_in_one_text():
    words = set(count_phrases(["VPNに接続できません", "VPNの接続が切れる"]).spelled)
    assert {"VPN", "接続"} <= words


def test_capitals_are_as_within_a_sentence():
    texts = ["Refund please. The VPN fails.", "Berlin has no refund", "I am in Berlin. refund!", "Lost in Berlin"]
    assert set(count_phrases(texts).spelled) >= {"refund", "VPN", "Berlin"}


def test_a_word_is_counted_once_however_it_is_written():
    counted = count_phrases(["Parcel parcel PARCEL", "a parcel", "nothing"])
    assert counted.held[:, counted.spelled.tolist().index("parcel")].toarray().ravel().tolist() == [1, 1, 0]


@pytest.mark.parametrize("texts", [[], [""], ["。、"], ["ああ"], ["กก"], ["的"], ["\ud800"], ["𠮷野家", "한국어 문장"]])
def test_hostile_texts_have_some_name(texts):
    assert len(name_groups(texts, np.zeros(len(texts), np.int32))) == min(len(texts), 1)
    assert Unspaced.learned(texts).words("x") == set()


def test_a_long_text_without_spaces_takes_no_long_time():
    text = "火车晚点" * 3000
    assert UNSPACED.search(text)
    assert name_groups([text, text + "了"], np.array([0, 0])) != ()


SLOVENE = """
Vlak je imel danes spet eno uro zamude, zato sem zamudil sestanek.
Na postaji ni bilo nikogar, vlak pa je odpeljal brez nas.
Vozovnica za vlak je predraga, pa tudi zamude so pogoste.
Zaradi zamude vlaka smo čakali na postaji do večera.
Ko je prišel vlak, je bila postaja že prazna.
Juha je bila hladna, kruh pa je bil star.
Za juho je treba skuhati krompir in čebulo.
Kruh se peče v pečici, juha pa se kuha na štedilniku.
Krompir je bil dober, za juho pa je bilo premalo soli.
Svež kruh je najboljši, če ga vzameš iz pečice.
"""
PYTHON = [
    "def read_csv(path):\n    with open(path) as file:\n        return list(csv.reader(file))",
    "def write_csv(path, rows):\n    with open(path, 'w') as file:\n        csv.writer(file).writerows(rows)",
    "import csv\n\ndef csv_header(path):\n    # the header of the csv file\n    return next(csv.reader(open(path)))",
    "def connect(host):\n    socket = make_socket()\n    socket.connect(host)\n    return socket",
    "def send(socket, data):\n    if not data:\n        return None\n    socket.sendall(data)",
    "class Server:\n    def listen(self):\n        self.socket.listen()\n        return self.socket.accept()",
]


def test_stop_words_are_counted_where_no_list_has_them():
    """No list has Slovene: "je", "za" and "pa" stand in many texts and are short."""
    train, kitchen = name_groups(lines(SLOVENE), topics(lines(SLOVENE), 2))
    assert {train.head, *train.qualifiers} & {"vlak", "zamude", "postaji"}
    assert {kitchen.head, *kitchen.qualifiers} & {"juha", "juho", "kruh", "krompir"}
    words = {
        word for name in (train, kitchen) for text, _ in name.phrases for word in (text.split()[0], text.split()[-1])
    }
    assert not words & {"je", "za", "pa", "se", "na", "so", "bila", "bil", "sem"}


def test_code_is_named_by_what_it_is_about():
    tables, network = name_groups(PYTHON, np.array([0, 0, 0, 1, 1, 1]))
    assert tables.head in {"csv", "path", "file"}
    assert network.head == "socket"
    words = {text for name in (tables, network) for text, _ in name.phrases}
    assert not words & {"def", "return", "self", "import", "with", "class", "None"}


def test_links_tags_and_names_of_accounts_are_no_words():
    texts = [
        "Gold medal for our team https://t.co/abc123 @HillaryClinton",
        "<p>A gold medal &amp; a record</p> www.example.org",
        "Silver, not a gold medal. Write to me@example.org",
    ]
    held = {word for phrase in count_phrases(texts).spelled for word in phrase.split()}
    assert {"gold", "medal", "team", "Silver".lower()} <= {word.lower() for word in held}
    assert not held & {"https", "t.co", "abc123", "HillaryClinton", "p", "amp", "www", "org", "example"}


def test_words_of_every_text_name_no_group():
    ending = "Please reply soon."
    texts = [f"{text} {ending}" for text in ("The parcel is late.", "A lost parcel.", "My parcel broke.")]
    texts += [f"{text} {ending}" for text in ("The app crashes.", "An app that hangs.", "This app is slow.")]
    parcel, app = name_groups(texts, np.array([0, 0, 0, 1, 1, 1]))
    assert (parcel.head, app.head) == ("parcel", "app")
    assert "reply" not in {*parcel.qualifiers, *app.qualifiers}


def test_japanese_sentences_are_named_by_words():
    """One of the files that people have: sentences without spaces are no words of their own."""
    table = read(CASES / "japanese.csv", apart=False).arrow
    texts, kinds = table.column("本文").to_pylist(), table.column("分類").to_pylist()
    assert not are_words(texts)
    order = sorted(set(kinds))
    found = dict(zip(order, name_groups(texts, np.array([order.index(kind) for kind in kinds])), strict=True))
    assert found["delivery"].head == "荷物"
    assert found["app"].head == "アプリ"
    assert {found["garden"].head, *found["garden"].qualifiers} & {"トマト", "苗"}
    assert all(len(text) <= 6 for name in found.values() for text, _ in name.phrases)


def test_no_two_groups_of_a_level_are_alike(store):
    """Texts that differ in numbers alone have no words of their own: the label names their groups."""
    table = read(CASES / "same_words.csv", apart=False).arrow
    vectors = np.load(CASES / "same_words.npy").astype(np.float32)
    joined = table_of(**{name: table.column(name).to_pylist() for name in table.column_names}, vector=vectors)
    space = build(stored_recipe(store, joined, ("vector",), model=READY_MADE), store=store, wanted=("clusters",))
    assert len(space.clusters) == 8
    kinds = {"bolt", "nut", "gear", "rod", "pin", "cap", "nail", "hook"}
    assert {name.split(" ")[0] for name in space.clusters.names} == kinds
    assert len(set(space.clusters.names)) == 8


def test_parents_are_named_by_what_their_children_share():
    """ "goal" is in both children, "penalty" in one alone, though in as many texts."""
    texts = ["a goal and a penalty"] * 4 + ["penalty"] * 4 + ["the goal here"] * 4 + ["quiet"] * 4
    texts += [f"soup {n}" for n in range(16)]
    labels, parts = np.repeat([0, 1], 16), np.repeat([0, 1, 2], [8, 8, 16])
    sports, _ = name_by_phrases(count_phrases(texts), labels, parts=parts)
    assert sports.head == "goal"


def test_a_selection_is_named_in_contrast_to_the_rest():
    space, ids = sentence_space(), sentence_ids()
    name = name_selection(
        space, np.array([key in {"a03", "a06", "a07", "a08", "a10", "a11", "a14", "a19"} for key in ids])
    )
    assert name.head in {"star", "stars"}
    assert name.phrases[0][1] > 0.8


def test_thai_beside_japanese_is_cut_into_words_too():
    texts = lines(JAPANESE) + lines(THAI)
    *_, trains, shop = name_groups(texts, np.repeat([0, 1, 2, 3, 4], [10, 10, 10, 6, 6]))
    assert trains.head == "รถไฟ"
    assert shop.head in {"เงินคืน", "สินค้า", "ซื้อ"}


def test_heads_differ_where_they_can():
    """Three groups speak of bread; each begins with what it alone says, or with a word that no other begins with."""
    texts = [
        "bread oven dough",
        "bread oven",
        "bread oven rye",
        "bread butter",
        "bread butter jam",
        "bread butter toast",
    ]
    texts += ["bread price", "bread price tax", "bread price shop"]
    found = name_groups(texts, np.repeat([0, 1, 2], 3))
    assert [name.head for name in found] == ["oven", "butter", "price"]


def test_the_samples_are_named_as_a_reader_would():
    space = Space(open_sample("support_tickets")[1], Store())
    heads = {name.split(", ")[0] for name in space.clusters.names}
    assert heads >= {"parcel", "card", "app", "notes", "thermostat", "caller", "cancel"}
    said = {text for phrases in space.clusters.phrases for text, _ in phrases}
    assert not said & {"says", "wants", "does", "got", "like", "days", "et", "eine", "de", "la"}


def test_names_are_the_same_each_time():
    space = sentence_space()
    again = names_for(space, space.clusters.labels)
    assert tuple(str(name) for name in again) == space.clusters.names
    assert tuple(name.phrases for name in again) == space.clusters.phrases
