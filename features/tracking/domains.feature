Feature: Domains of the shop
  Links may lead only to what is proven to be the shop's own, so that nobody can use a trusted link to lead people astray.

  Scenario: A shop proves a further domain and links to it
    Given the marketer added the domain "magazine.nordlicht.example"
    When the shop puts the asked text into the domain's DNS
    And the marketer has the domain checked
    Then the domain "magazine.nordlicht.example" is verified by "dns"
    And a link to "https://magazine.nordlicht.example/lamps" can be made

  Scenario: A domain that is not proven is no destination
    Given the marketer added the domain "magazine.nordlicht.example"
    When the marketer has the domain checked
    Then the domain "magazine.nordlicht.example" is still pending, and it says why
    When the marketer makes a link to "https://magazine.nordlicht.example/lamps"
    Then it is refused as "bad_destination"

  Scenario: A domain that leads into the operator's own network is not visited
    Given the marketer added the domain "intranet.nordlicht.example"
    And the domain's name leads to "10.0.0.7"
    When the marketer has the domain checked
    Then the domain "intranet.nordlicht.example" is still pending, and it says why

  Scenario: Links to a domain that was taken away lead nowhere
    Given "magazine.nordlicht.example" is a verified domain of the shop
    And the marketer made a link to "https://magazine.nordlicht.example/lamps"
    And a visitor was led there
    When the marketer takes the domain away
    Then within a second the link leads nowhere
    And he sees that it was Nordlicht's, and gets on to the shop

  Scenario Outline: A link whose <part> lost its domain can still be closed, but takes no new one there
    Given "magazine.nordlicht.example" is a verified domain of the shop
    And a link to the shop's page "/lamps" whose <part> is "https://magazine.nordlicht.example/lamps"
    When the marketer takes the domain away
    And the marketer switches the link off
    Then the link is off, and its <part> is still "https://magazine.nordlicht.example/lamps"
    When the marketer makes the link's <part> "https://magazine.nordlicht.example/chairs"
    Then it is refused as "bad_destination"

    Examples:
      | part            |
      | fallback        |
      | rule for phones |

  Scenario Outline: What cannot be a domain of a shop
    When the marketer adds the domain "<typed>"
    Then it is refused as "bad_domain"

    Examples:
      | typed                          |
      | https://nordlicht.example      |
      | nordlicht.example/lamps        |
      | nordlicht                      |
      | 192.0.2.7                      |
      | 0x7f.1                         |
      | router.local                   |
      | nordlicht.example:8443         |
      | nord licht.example             |
      | user@nordlicht.example         |
      | testserver.local               |

  Scenario: A look-alike letter shows
    When the marketer adds the domain "nоrdlicht.example"
    Then it is kept as "xn--nrdlicht-nbh.example", so that the strange letter shows

  Scenario: A link on the shop's own domain
    Given "go.nordlicht.example" is a verified domain of the shop
    And the marketer lets links live on it
    And a link with the path "summer" leads to the shop's page "/lamps?colour=red"
    When a visitor opens "summer" on "go.nordlicht.example"
    Then the visitor arrives on the shop's page "/lamps?colour=red"
    And one visit to that link is kept

  Scenario: A link does not lead to a link on the shop's own domain
    Given "links.nordlicht.example" is a verified domain of the shop
    And the marketer made a link to "https://links.nordlicht.example/summer"
    And a visitor was led there
    When the marketer lets links live on it
    Then within a second the link leads nowhere
    When the marketer makes a link to "https://links.nordlicht.example/winter"
    Then it is refused as "bad_destination"
    When the marketer makes a link to "https://links.nordlicht.example/l/winter"
    Then it is refused as "bad_destination"

  Scenario: A path that nobody made, on the shop's own domain
    Given "go2.nordlicht.example" is a verified domain of the shop
    And the marketer lets links live on it
    When a visitor guesses "sommer" on "go2.nordlicht.example"
    Then he reads in German that the link leads nowhere
    And he sees that it was Nordlicht's, and gets on to the shop
    When a visitor guesses "a/longer/way" on "go2.nordlicht.example"
    Then he sees that it was Nordlicht's, and gets on to the shop

  Scenario: Two shops may use the same path, each on its own domain
    Given "kurz.nordlicht.example" is a verified domain of the shop
    And the marketer lets links live on it
    And a link with the path "summer" leads to the shop's page "/lamps?colour=red"
    And a neighbouring shop with a link with the path "summer" to its page "/chairs?colour=blue"
    When a visitor opens "summer" on "kurz.nordlicht.example"
    Then the visitor arrives on the shop's page "/lamps?colour=red"

  Scenario: A domain serves the links of one shop only
    Given "link.nordlicht.example" is a verified domain of the shop
    And the marketer lets links live on it
    And a neighbouring shop that has proven "link.nordlicht.example" too
    When the neighbour lets links live on "link.nordlicht.example"
    Then it is refused as "host_taken"
