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

  Scenario Outline: People who tap a link within an app are people
    When Ben taps Ada's link within <app>
    Then Ben arrives on the landing page of Ada's deal
    And one visit by a person is kept

    Examples:
      | app       |
      | WhatsApp  |
      | Instagram |
      | Slack     |
      | Outlook   |

  Scenario: A link that does not exist
    When Ben taps a link that nobody made
    Then he reads in German that the link leads nowhere
    And nobody's name stands there

  Scenario: A link that was cut off behind the shop's name
    When Ben taps a link of Nordlicht that nobody made
    Then he reads in German that the link leads nowhere
    And he sees that it was Nordlicht's, and gets on to the shop

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

  Scenario: A link does not lead to a link
    When the marketer makes a link to the shop's page "/lamps?colour=red"
    And the marketer makes a link that leads to that link, or leads the link to itself
    Then each time it is refused as "bad_destination"
    But a link may lead to the landing page of Ada's deal

  Scenario: Two shops keep their clicks to themselves
    Given a neighbouring shop
    When Ben taps Ada's link
    Then the neighbouring shop sees neither the link nor the visit

  Scenario: Marks of advertising networks are kept as they came
    When Ben taps Ada's link with "gclid=Cj0K%2Bx&fbclid=&GBRAID=1&gclid=again"
    Then the visit carries the network marks "gclid=Cj0K%2Bx, fbclid=, gbraid=1"
    And the landing page's address holds "gclid=Cj0K%2Bx&fbclid=&GBRAID=1&gclid=again"

  Scenario: What Ben holds is known by its class
    When Ben taps Ada's link
    Then the visit was made with a "phone"

  Scenario: Tapping again within the hour is the same visit
    When Ben taps Ada's link
    And Ben taps Ada's link
    And Eva taps Ada's link on her computer
    And WhatsApp opens Ada's link
    Then 4 clicks are kept, of which 2 begin a visit

  Scenario: A link by rules
    Given a link to the shop's page "/lamps?from=link" with rules
      | device | language | page             |
      | tablet |          | /tablet?x=1      |
      |        | fr       | /fr/lampes?x=1   |
      | phone  | de       | /handy?x=1       |
      |        | no       | /no/lamper?x=1   |
    Then a "tablet" in "fr" is led to the shop's page "/tablet?x=1"
    And a "desktop" in "fr" is led to the shop's page "/fr/lampes?x=1"
    And a "phone" in "de" is led to the shop's page "/handy?x=1"
    And a "phone" in "nb" is led to the shop's page "/no/lamper?x=1"
    And a "desktop" in "de" is led to the shop's page "/lamps?from=link"

  Scenario Outline: A rule for what does not exist
    When the marketer makes a link with a rule for the <kind> "<code>"
    Then it is refused as "bad_rule"

    Examples:
      | kind     | code |
      | country  | XX   |
      | country  | UK   |
      | language | dk   |

  Scenario: Friends always see the deal that they were promised
    When the marketer gives Ada's link a rule that leads phones to the shop's page "/lamps?x=1"
    Then it is refused as "fixed_destination"
    When Ben taps Ada's link
    Then Ben arrives on the landing page of Ada's deal

  Scenario: A link for a time
    Given a link to the shop's page "/sale?x=1" that starts in 2 days and ends 5 days later, with the page "/later?x=1" for all other times
    Then tapping it leads to the shop's page "/later?x=1" and carries no click
    When 3 days pass
    Then tapping it leads to the shop's page "/sale?x=1" and carries a click
    When 5 days pass
    Then tapping it leads to the shop's page "/later?x=1" and carries no click

  Scenario: A link that is switched off
    Given a link to the shop's page "/lamps?x=1"
    When the marketer switches the link off
    Then within a second it leads nowhere
    And whoever taps it reads in German that it is closed
    And he sees that it was Nordlicht's, and gets on to the shop
    When the marketer switches the link on
    Then within a second it leads to the shop's page "/lamps?x=1"

  Scenario: Campaign values of the link
    Given a link to the shop's page "/lamps?x=1" with the campaign values "utm_campaign=summer {link_code}" and "utm_medium={channel}"
    When Ben taps that link with "utm_source=WhatsApp"
    Then he arrives with the campaign values "utm_medium=whatsapp&utm_campaign=summer%20{link_code}&utm_source=WhatsApp"
    When Ben taps that link with "utm_medium=own&utm_campaign="
    Then he arrives with the campaign values "utm_medium=own&utm_campaign="

  Scenario: Campaign values that the destination has itself
    Given a link to the shop's page "/lamps?utm_source=magazine&x=" with the campaign values "utm_source=link" and "utm_medium=paper"
    When Ben taps that link with "x=%2f"
    Then he arrives with the campaign values "utm_source=magazine&x=&utm_medium=paper&x=%2f"

  Scenario: A link for a programme
    Given another programme is being drafted
    Then a link can be made for it
    Given a programme that nobody knows
    When the marketer makes a link for it, or gives the link to it
    Then each time the answer is "unknown_programme"

  Scenario: An advocate's link stays the advocate's
    When the marketer gives Ada's link to another programme, or to none
    Then both times it is refused as "fixed_programme"
    But the marketer can give it a title

  Scenario: Two people change a link
    Given a link to the shop's page "/lamps?x=1"
    When the marketer changes its title, and a colleague who read it before changes it too
    Then it is refused as "link_changed"

  Scenario Outline: A link by rules leads nowhere else either
    When the marketer makes a link whose <part> is "https://elsewhere.example/"
    Then it is refused as "bad_destination"

    Examples:
      | part     |
      | rule     |
      | fallback |

  Scenario: A path of the shop's own
    Given a link with the path "summer" leads to the shop's page "/lamps?colour=red"
    When a visitor opens the shop's path "Summer"
    Then the visitor arrives on the shop's page "/lamps?colour=red"
    When a visitor types the address of the path "summer" in capital letters
    Then the visitor arrives on the shop's page "/lamps?colour=red"
    When the marketer makes another link with the path "summer"
    Then it is refused as "vanity_taken"

  Scenario: A link on paper
    Given a link to the shop's page "/lamps?x=1"
    Then it can be printed 40 millimetres wide, as a drawing, as a picture and as a page
