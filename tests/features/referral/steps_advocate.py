"""Steps about advocates, their codes and their statements."""

from pytest_bdd import given, parsers, then, when

from tests.features.referral.desk import Desk, minor


@given(parsers.parse("{name} is an advocate"))
def is_advocate(desk: Desk, name: str) -> None:
    desk.advocate(name)


@when("Ada enrols twice")
def enrols_twice(desk: Desk) -> None:
    desk.answers = [desk.enrol("Ada"), desk.enrol("Ada")]


@then("she has one code and one link")
def one_code(desk: Desk) -> None:
    first, second = desk.answers
    assert (first.status_code, second.status_code) == (201, 200), (first.text, second.text)
    assert first.json() == second.json()
    assert len(first.json()["link_code"]) == 10
    assert len(desk.get("/advocates")["items"]) == 1


@when("somebody looks up Ada's code in small letters, with look-alikes")
def look_up(desk: Desk) -> None:
    typed = desk.advocate("Ada")["code"].lower().replace("0", "o").replace("1", "l").replace("-", " ")
    desk.answers = [desk.get("/advocates", code=typed)]


@then("Ada is found")
def found(desk: Desk) -> None:
    assert [each["id"] for each in desk.answers[0]["items"]] == [desk.advocate("Ada")["id"]]


@when("somebody enrols without reference and e-mail")
def nobody(desk: Desk) -> None:
    desk.ensure_live()
    desk.answers = [desk.post("/advocates", {"programme_id": desk.programme["id"], "first_name": "Nobody"})]


@then("the enrolment is refused")
def refused(desk: Desk) -> None:
    assert desk.answers[0].status_code == 422, desk.answers[0].text
    assert desk.answers[0].json()["code"] == "customer_unnamed"
    assert desk.answers[0].json()["errors"][0]["pointer"] == "/customer_reference"


@then("nobody can become an advocate")
def closed(desk: Desk) -> None:
    answer = desk.post("/advocates", {"programme_id": desk.programme["id"], "email": "cleo@example.com"})
    assert answer.status_code == 409, answer.text


@then(parsers.parse("{name} has €{available} available and €{pending} pending"))
def balances(desk: Desk, name: str, available: str, pending: str) -> None:
    def check() -> bool:
        statement = desk.get(f"/advocates/{desk.advocate(name)['id']}/statement")
        sums = [sum(each["amount_minor"] for each in statement[key]) for key in ("available", "pending")]
        assert sums == [minor(available), minor(pending)]
        return True

    desk.shop.eventually(check)


@then(parsers.parse('Ada\'s statement says "{words}"'))
def statement_says(desk: Desk, words: str) -> None:
    answer = desk.shop.client.get(desk.advocate("Ada")["statement_url"])
    assert answer.status_code == 200, answer.text
    assert words in answer.text.replace("\xa0", " ").replace("\u202f", " "), answer.text


@given("Aino recommends the shop and speaks Finnish")
def aino(desk: Desk) -> None:
    desk.advocates["Aino"] = desk.enrol("Aino", locale="fi").json()


@when("Aino, whose browser speaks Finnish only, opens her statement")
def opens_in_finnish(desk: Desk) -> None:
    url = desk.advocate("Aino")["statement_url"]
    desk.answers = [desk.shop.client.get(url, headers={"accept-language": "fi-FI,fi;q=0.9"})]


@when("Aino, whose browser speaks Finnish best and then English, opens her statement")
def opens_in_english(desk: Desk) -> None:
    url = desk.advocate("Aino")["statement_url"]
    desk.answers = [desk.shop.client.get(url, headers={"accept-language": "fi-FI,fi;q=0.9,en-GB;q=0.8,de;q=0.1"})]


@given("Eve recommends the shop and did not say what she speaks")
def eve(desk: Desk) -> None:
    desk.advocates["Eve"] = desk.enrol("Eve", locale=None).json()


@when("Eve, whose browser speaks English best, opens her statement")
def opens_untold(desk: Desk) -> None:
    url = desk.advocate("Eve")["statement_url"]
    desk.answers = [desk.shop.client.get(url, headers={"accept-language": "en-GB,de;q=0.1"})]


@then(parsers.parse('she reads "{words}"'))
def reads(desk: Desk, words: str) -> None:
    assert words in desk.answers[0].text, desk.answers[0].text


@then("Ada's statement is kept by no cache and no search engine")
def private(desk: Desk) -> None:
    headers = desk.shop.client.get(desk.advocate("Ada")["statement_url"]).headers
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "noindex" in headers["x-robots-tag"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]


@then("Ada's statement stays as it is while it is read aloud to her")
def stays(desk: Desk) -> None:
    page = desk.shop.client.get(desk.advocate("Ada")["statement_url"])
    assert "http-equiv" not in page.text
    assert "refresh" not in page.headers


@when("somebody opens a statement with a made-up address")
def made_up(desk: Desk) -> None:
    token = desk.advocate("Ada")["statement_url"].rpartition("/")[2]
    forged = [token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), token[:20], "x", "%00"]
    desk.answers = [desk.shop.client.get(f"/s/{each}") for each in forged]


@then("no statement is shown")
def nothing_shown(desk: Desk) -> None:
    assert [answer.status_code for answer in desk.answers] == [404] * len(desk.answers)
    assert all("Nordlicht" not in answer.text for answer in desk.answers)
