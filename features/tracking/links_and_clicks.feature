Feature: Links and clicks
  Every visit through a link is kept before the visitor goes on, with everything that the address carried.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click
    And Ada is an advocate with the code "ADA2-2026"

  Scenario: A friend taps the advocate's link
    When Ben taps Ada's link
    Then Ben arrives on the landing page of Ada's deal
    And one visit by a person is kept

  Scenario: Campaign values arrive exactly as they were sent
    When Ben taps Ada's link with "utm_source=news%20letter&utm_medium=E-Mail&utm_source=twice&empty=&x=%C3%A9"
    Then the landing page's address ends with the same text before the click's own mark
    And the visit's campaign source is "news%20letter"
    And the visit keeps the whole text as it was sent

  Scenario Outline: Machines that look at a link are kept apart from people
    When <visitor> opens Ada's link
    Then one visit by a <kind> is kept
    And the address that it is sent to carries no click

    Examples:
      | visitor              | kind    |
      | WhatsApp             | preview |
      | Facebook             | preview |
      | Slack                | preview |
      | X                    | preview |
      | a prefetching phone  | preview |
      | a link checker       | preview |
      | Google               | bot     |
      | a script             | bot     |

  Scenario: A link that does not exist
    When Ben taps a link that nobody made
    Then he reads in German that the link leads nowhere

  Scenario: A link of the shop's own
    When the marketer makes a link to the shop's page "/lamps?colour=red"
    Then tapping it leads to the shop's page "/lamps?colour=red"

  Scenario Outline: Links lead to the shop and nowhere else
    When the marketer makes a link to "<address>"
    Then it is refused as "bad_destination"

    Examples:
      | address                                  |
      | https://elsewhere.example/               |
      | https://nordlicht.example@elsewhere.test |
      | javascript:alert(1)                      |
      | //nordlicht.example/lamps                |
      | https://nordlicht.example.evil.test/     |

  Scenario: Two shops keep their clicks to themselves
    Given a neighbouring shop
    When Ben taps Ada's link
    Then the neighbouring shop sees neither the link nor the visit
