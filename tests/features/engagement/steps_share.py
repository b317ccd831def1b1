"""Steps about passing a deal on."""

from urllib.parse import parse_qs, unquote, urlsplit

from pytest_bdd import given, parsers, then, when

from adapters.engagement.wording import _LABELS, _SAYINGS
from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from tests.features.engagement.desk import Desk


@given("the shop Nordlicht gives friends 10 euros off a first order of 40 euros or more")
def _(desk: Desk) -> None:
    desk.tell_programme()


@given(parsers.parse("{name} is an advocate"))
def _(desk: Desk, name: str) -> None:
    desk.enrol(name)


@given(parsers.parse("{name}, who reads English, is an advocate"))
def _(desk: Desk, name: str) -> None:
    desk.enrol(name, locale="en")


@given("the programme is paused")
def _(desk: Desk) -> None:
    desk.tell_programme(revision=desk.programme["revision"] + 1, state="paused")


@given("the news that it was live arrives once more")
def _(desk: Desk) -> None:
    desk.tell_programme(revision=1, state="live")


@when("Ada asks for something to share")
def _(desk: Desk) -> None:
    desk.kit()


@when(parsers.parse('Ada asks for something to share in "{language}"'))
def _(desk: Desk, language: str) -> None:
    desk.kit(locale=language)


@when(parsers.re('Ada wants to say "(?P<text>.*)" instead'))
def _(desk: Desk, text: str) -> None:
    desk.kit(text=text)


@when("Ben scans Ada's QR code")
def _(desk: Desk) -> None:
    qr_url = desk.kit().json()["qr_url"]
    desk.answer = desk.shop.client.get(urlsplit(qr_url).path)


@when("Ben asks for the QR code of a made-up link")
def _(desk: Desk) -> None:
    desk.answer = desk.shop.client.get("/qr/0000000000.svg")


@when("Ada shares by WhatsApp")
def _(desk: Desk) -> None:
    advocate_id = to_wire("adv", desk.advocate["advocate_id"])
    desk.answer = desk.post("/shares", {"advocate_id": advocate_id, "channel": "whatsapp"})


@when("somebody who is no advocate shares by WhatsApp")
def _(desk: Desk) -> None:
    desk.answer = desk.post("/shares", {"advocate_id": to_wire("adv", new_id()), "channel": "whatsapp"})


@then("she can share natively and by e-mail, SMS, WhatsApp, Facebook, Messenger, X, copying and QR code")
def _(desk: Desk) -> None:
    assert desk.answer.status_code == 200, desk.answer.text
    channels = [share["channel"] for share in desk.answer.json()["shares"]]
    assert channels == ["native", "email", "sms", "whatsapp", "facebook", "messenger", "x", "copy", "qr"]
    starts = {
        "email": "mailto:?subject=",
        "sms": "sms:?&body=",
        "whatsapp": "https://wa.me/?text=",
        "facebook": "https://www.facebook.com/sharer/sharer.php?u=",
        "messenger": "fb-messenger://share/?link=",
        "x": "https://x.com/intent/tweet?text=",
        "qr": "http://",
    }
    for channel, start in starts.items():
        assert desk.share(channel)["address"].startswith(start)
    assert desk.share("copy")["address"] is None
    assert desk.share("native")["payload"].keys() == {"title", "text", "url"}


@then(parsers.parse('the deal reads "{headline}"'))
def _(desk: Desk, headline: str) -> None:
    assert desk.answer.json()["deal"]["headline"].replace("\xa0", " ") == headline


@then(parsers.parse('its conditions read "{conditions}"'))
def _(desk: Desk, conditions: str) -> None:
    assert desk.answer.json()["deal"]["conditions"].replace("\xa0", " ") == conditions


@then(parsers.parse('WhatsApp opens with "{text}"'))
def _(desk: Desk, text: str) -> None:
    share = desk.share("whatsapp")
    (opened,) = parse_qs(urlsplit(share["address"]).query, strict_parsing=True)["text"]
    assert text in opened.replace("\xa0", " ")
    assert opened.endswith(share["link"])


@then(parsers.parse('the e-mail opens with "{text}"'))
def _(desk: Desk, text: str) -> None:
    body = unquote(desk.share("email")["address"].partition("&body=")[2])
    assert body.startswith(text)
    assert body.endswith(desk.share("email")["link"])


@then("no text is left in English")
def _(desk: Desk) -> None:
    english = {text.split("{")[0] for text in (*_SAYINGS.values(), *_LABELS.values())}
    named = {"WhatsApp", "Facebook", "Messenger", "X", ""}
    for share in desk.answer.json()["shares"]:
        for text in english - named:
            assert not share["text"].startswith(text)


@then("the link of every channel names its channel")
def _(desk: Desk) -> None:
    for share in desk.answer.json()["shares"]:
        link = urlsplit(share["link"])
        assert link.path == f"/l/{desk.advocate['link_code']}"
        assert parse_qs(link.query) == {
            "utm_source": [share["channel"]],
            "utm_medium": ["referral"],
            "utm_campaign": ["freunde-werben-freunde"],
        }


@then("she is told that the text is empty")
def _(desk: Desk) -> None:
    assert desk.answer.status_code == 422
    assert desk.answer.json()["code"] == "malformed_text"


@then(parsers.parse('every text says "{sentence}"'))
def _(desk: Desk, sentence: str) -> None:
    for share in desk.answer.json()["shares"]:
        assert (sentence in share["text"]) == (share["channel"] != "qr")


@then("he sees Ada's link")
def _(desk: Desk) -> None:
    assert desk.answer.status_code == 200
    assert desk.answer.headers["content-type"].startswith("image/svg+xml")
    assert desk.answer.text.startswith("<svg")
    again = desk.shop.client.get(desk.answer.url.path, headers={"if-none-match": desk.answer.headers["etag"]})
    assert again.status_code == 304


@then("the picture may be kept by caches")
def _(desk: Desk) -> None:
    assert desk.answer.headers["cache-control"].startswith("public, max-age=")


@then("he is told that there is no such link")
def _(desk: Desk) -> None:
    assert desk.answer.status_code == 404
    assert desk.answer.json()["code"] == "unknown_link"


@then("she is told that the programme is not live")
def _(desk: Desk) -> None:
    assert desk.answer.status_code == 409
    assert desk.answer.json()["code"] == "programme_not_live"


@then("the share is counted for WhatsApp")
def _(desk: Desk) -> None:
    assert desk.answer.status_code == 201, desk.answer.text
    assert desk.answer.json()["channel"] == "whatsapp"
    assert desk.answer.json()["locale"] == "de"


@then("they are told that there is no such advocate")
def _(desk: Desk) -> None:
    assert desk.answer.status_code == 404
    assert desk.answer.json()["code"] == "unknown_advocate"
