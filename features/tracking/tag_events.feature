Feature: What the tag reports from the shop's pages
  The shop's pages tell what visitors do there, so that orders are credited and the marketer sees what works. A page is
  not believed about money, and a visitor is not recognised without consent.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click
    And the tag is on Nordlicht's pages

  Scenario: A visitor looks around
    When Ben looks at the page "/lamps"
    Then the marketer sees that a page was looked at a moment ago

  Scenario: An event counts once
    When Ben looks at the page "/lamps" and his phone reports it three times
    Then one look at a page is kept

  Scenario: A phone without network reports later
    When Ben's phone reports what he did 29 days ago
    Then one look at a page is kept

  Scenario: What is older than 30 days is not taken any more
    When Ben's phone reports what he did 31 days ago
    Then the event is refused as "event_too_old"

  Scenario: One broken event does not spoil the others
    When Ben's phone reports three events of which one is broken
    Then two events are kept
    And the marketer sees one refusal as "invalid_event"

  Scenario: Without consent a visitor is nobody
    When Ben looks at the page "/lamps" without consent
    Then one look at a page is kept
    And nobody can tell whose it was

  Scenario: With consent a visitor is recognised by a random mark
    When Ben looks at the page "/lamps" with consent
    Then the visitor's mark is kept

  Scenario: A page of somebody else
    When somebody else's page reports a visit with Nordlicht's key
    Then the event is refused as "foreign_page"
    And the marketer sees one refusal as "foreign_page"

  Scenario: The checkout lives on another host
    Given the marketer names "pay.checkout.example" as a host of the shop
    When Ben buys on "pay.checkout.example"
    Then one purchase is kept

  Scenario: A machine looks around
    When Google looks at the page "/lamps"
    Then the marketer sees that a machine looked at a page

  Scenario: A purchase points at its order
    Given Ada is an advocate with the code "ADA2-2026"
    When Ben tapped Ada's link and buys with order "#1001"
    Then what his browser knew of order "1001" is noted once
    And no order is made of it

  Scenario: A refund that a browser reports moves no money
    When a browser reports that order "1001" was refunded
    Then the report is kept
    And no order is made of it

  Scenario: The shop says who a visitor is
    Given the shop has an identify secret
    When Ben signs in and the shop vouches for him
    Then Ben is recognised as a customer
    And nothing that names Ben is kept with the event

  Scenario: Somebody pretends to be Ben
    Given the shop has an identify secret
    When somebody pretends to be Ben with a secret of their own
    Then nobody is recognised
    And the marketer sees that the proof was not valid

  Scenario: The identify secret is exchanged without losing anybody
    Given the shop has an identify secret
    And the marketer makes another identify secret
    When Ben signs in and the shop vouches for him with the old secret
    Then Ben is recognised as a customer
    When the marketer drops the old identify secret
    And Cleo signs in and the shop vouches for her with the old secret
    Then Cleo is not recognised

  Scenario: A visitor withdraws consent
    Given the shop has an identify secret
    And Ben signed in and was recognised
    When Ben withdraws his consent
    Then nobody is recognised

  Scenario: A customer is forgotten
    Given the shop has an identify secret
    And Ben signed in and was recognised
    When Ben's personal data is erased
    Then nobody is recognised

  Scenario: The marketer turns the tag off
    When the marketer turns the tag off
    Then the tag learns within a moment that it is off
    And what pages still report is not kept

  Scenario: The marketer revokes the tag's key
    When Ben looks at the page "/lamps"
    And the marketer revokes the tag's key
    Then the tag learns within a moment that it is off
    And what pages still report is refused

  Scenario: Two marketers set up the tag at the same time
    Given Mia and Tom both looked at how the tag is set up
    And Mia has turned the tag off
    When Tom keeps cookies for 90 days
    Then Tom is told that somebody else changed the tag in the meantime
    And the tag is still off, and keeps cookies for 30 days

  Scenario: A key that nobody has
    Then a page with a key that nobody has learns that the tag is off
