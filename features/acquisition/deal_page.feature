Feature: See what a friend has passed on
  Someone who opens an advocate's link sees at once what they get, from whom, and on which conditions, in their own
  language, so that they take the deal instead of closing the page.

  Background:
    Given Nordlicht gives friends €10 off their first order from €40, for 30 days

  Scenario: A friend is greeted in the advocate's name
    Given Ada passes the deal on
    When Ben opens Ada's deal
    Then he reads that Ada thought of him
    And he reads that he gets €10 off from an order value of €40

  Scenario Outline: Everybody reads the deal in their own language
    Given Nordlicht sells in all nine languages
    And Ada passes the deal on
    When Ben, whose browser speaks "<language>", opens Ada's deal
    Then he reads "<greeting>"

    Examples:
      | language | greeting                 |
      | de-AT    | Ada hat an dich gedacht  |
      | nl-BE    | Ada heeft aan je gedacht |
      | fr-CH    | Ada a pensé à vous       |
      | it       | Ada ha pensato a te      |
      | da       | Ada har tænkt på dig     |
      | fi       | Ada ajatteli sinua       |
      | no       | Ada har tenkt på deg     |
      | sv       | Ada har tänkt på dig     |
      | en-GB    | Ada thought of you       |

  Scenario: Someone whose language the shop does not speak reads the shop's own
    Given Ada passes the deal on
    When Ben, whose browser speaks "pt-BR", opens Ada's deal
    Then he reads "Ada hat an dich gedacht"

  Scenario: Someone who speaks another of the shop's languages reads that one
    Given Ada passes the deal on
    When Ben, whose browser speaks Finnish best and then English, opens Ada's deal
    Then he reads "Ada thought of you"

  Scenario: An advocate without a name still passes on a whole sentence
    Given somebody whose name is not known passes the deal on
    When Ben opens their deal
    Then he reads "Jemand hat an dich gedacht"

  Scenario: An advocate who asked to be forgotten is not named any more
    Given Ada passes the deal on
    And Ben has seen Ada's deal
    When Ada asks the shop to be forgotten
    Then within a second nobody reads Ada's name on the deal

  Scenario: New terms are on the page within a second
    Given Ada passes the deal on
    And Ben has seen Ada's deal
    When Nordlicht raises the deal to €15
    Then within a second Ben reads that he gets €15 off

  Scenario Outline: A deal that is not on offer is explained kindly
    Given Ada passes the deal on
    When Nordlicht <does> the programme
    Then Ben reads "<explanation>" on Ada's deal, and no form

    Examples:
      | does   | explanation                       |
      | pauses | Dieses Angebot macht gerade Pause |
      | ends   | Dieses Angebot ist beendet        |

  Scenario: A link that was copied badly is explained kindly
    When Ben opens a deal with a code that nobody has
    Then he reads "Wir finden dieses Angebot nicht"
