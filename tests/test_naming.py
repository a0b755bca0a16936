"""Names of groups come out readable in other languages: ten own sentences on each of three topics."""

import numpy as np
import pytest

from explorer.analysis.naming import count_words, name_groups, names_of
from explorer.analysis.unspaced import UNSPACED, Unspaced

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
    "Thai": (THAI, [{"รถไฟ", "สถานี", "ซื้อ"}, {"เงินคืน", "สินค้า", "ซื้อ"}]),
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
        assert set(name.split(", ")) <= words


@pytest.mark.parametrize("language", ["German", "Spanish", "Japanese"])
def test_the_order_of_the_texts_does_not_matter(language):
    text, expected = EXPECTED[language]
    texts, labels = lines(text), topics(lines(text), len(expected))
    order = np.random.default_rng(0).permutation(len(texts))
    assert name_groups([texts[place] for place in order], labels[order]) == name_groups(texts, labels)


def test_japanese_names_are_whole_words():
    """No particle hangs on a word, and no half of a verb or an adjective is one."""
    words = set(count_words(lines(JAPANESE)).spelled)
    assert {"電車", "駅", "返金", "注文", "ラーメン", "クレジットカード"} <= words
    assert not words & {"電車が", "食", "遅", "新", "間違", "壊", "切"}


def test_words_of_both_kinds_of_script_in_one_text():
    words = set(count_words(["VPNに接続できません", "VPNの接続が切れる"]).spelled)
    assert {"VPN", "接続"} <= words


def test_capitals_are_as_within_a_sentence():
    texts = ["Refund please. The VPN fails.", "Berlin has no refund", "I am in Berlin. refund!", "Lost in Berlin"]
    assert set(count_words(texts).spelled) >= {"refund", "VPN", "Berlin"}


def test_a_word_is_counted_once_however_it_is_written():
    counted = count_words(["Parcel parcel PARCEL", "a parcel", "nothing"])
    assert counted.held[:, counted.spelled.tolist().index("parcel")].toarray().ravel().tolist() == [1, 1, 0]


def test_names_from_counted_words_are_the_same():
    texts = lines(GERMAN)
    labels = topics(texts, 3)
    assert names_of(count_words(texts), labels) == name_groups(texts, labels)


@pytest.mark.parametrize("texts", [[], [""], ["。、"], ["ああ"], ["กก"], ["的"], ["\ud800"], ["𠮷野家", "한국어 문장"]])
def test_hostile_texts_have_some_name(texts):
    assert len(name_groups(texts, np.zeros(len(texts), np.int32))) == min(len(texts), 1)
    assert Unspaced.learned(texts).words("x") == set()


def test_a_long_text_without_spaces_takes_no_long_time():
    text = "火车晚点" * 3000
    assert UNSPACED.search(text)
    assert name_groups([text, text + "了"], np.array([0, 0])) != ()
