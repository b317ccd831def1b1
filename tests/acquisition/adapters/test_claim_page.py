"""The form on the deal's page: what a friend gets, and what they are told when it does not work."""


from tests.acquisition.support import DealWorld, code_on


def test_a_friend_gets_a_code_of_their_own(deal: DealWorld) -> None:
    page = deal.page()
    assert page.status_code == 200, page.text
    assert "Ada hat an dich gedacht" in page.text
    claimed = deal.claim(email="ben@example.com", first_name="Ben")
    assert claimed.status_code == 200, claimed.text
    assert "Bitte sehr, Ben!" in claimed.text
    assert len(code_on(claimed)) == 9
    assert claimed.headers["cache-control"] == "private, no-store"
