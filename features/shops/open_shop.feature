Feature: Open a shop
  The operator of the installation opens a shop for each retailer who joins. From then on the retailer works alone.

  Scenario: A retailer from Denmark joins
    When the operator opens the shop "Sydlys" in Denmark, selling in Danish kroner
    Then the people of "Sydlys" see their shop with the key they were given
    And their audit log begins with the opening, by the operator

  Scenario: Two shops never share an address
    Given the operator opened the shop "Sydlys" under the address "sydlys"
    When the operator opens another shop under that address
    Then the operator is told that another shop has this address

  Scenario Outline: What cannot be is refused
    When the operator opens a shop <with what cannot be>
    Then the operator is told that <reason>

    Examples:
      | with what cannot be        | reason                       |
      | in Great Britain           | the country is not supported |
      | selling in dollars         | the currency is not supported |
      | speaking Portuguese        | the locale is not supported  |
      | under the address "A Shop" | the address is not valid     |
