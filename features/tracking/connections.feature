Feature: Connecting a shop's platform
  The platform proves with a secret that it is the shop's; nobody else can report orders.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click
    And the shop's Shopify is connected

  Scenario: The secret is never shown again
    Then the connection shows its address and no secret

  Scenario: A forged message
    When somebody reports an order with a wrong signature
    Then the message is refused
    And there is no order

  Scenario: A message that is far too large
    When Shopify sends a message of 2 megabytes
    Then the message is refused

  Scenario: A message to an address that nobody has
    When somebody reports an order to an address that nobody has
    Then the message is refused

  Scenario: A topic that nobody listens to
    When Shopify reports something about "customers/create"
    Then the message is taken and kept as unhandled

  Scenario: The secret is exchanged without losing a message
    Given the merchant gave a new secret
    When Shopify reports an order signed with the old secret
    And Shopify reports an order signed with the new secret
    Then there are 2 orders
    When the merchant drops the old secret
    Then a message signed with the old secret is refused after a moment

  Scenario: The merchant sees that messages arrive
    When Shopify reports an order signed with the old secret
    Then the connection shows when the last message arrived

  Scenario: An own webshop reports orders by a signed message
    Given the shop's own webshop is connected
    When the own webshop reports Ben's order of 80.00 euros
    Then there is 1 order of Ben

  Scenario: An old message of the own webshop is played again
    Given the shop's own webshop is connected
    When somebody plays a message of ten minutes ago again
    Then the message is refused

  Scenario: An own webshop reports through the API
    When the webshop reports Ben's order of 80.00 euros through the API
    And the webshop reports it again with 15.00 euros paid back
    Then 65.00 euros of the order are left
