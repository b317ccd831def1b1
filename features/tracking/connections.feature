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

  Scenario: The shop is told what to paste where
    When the shop connects its WooCommerce
    Then it is told where to paste the address and the secret, and which messages to choose
    And the secret is shown this once
    And the connection is waiting

  Scenario: The first message that checks out verifies the connection
    Given the shop's own webshop is connected
    When the own webshop reports Ben's order of 80.00 euros
    Then the own webshop's connection is healthy and verified

  Scenario: The secret was copied wrongly
    When somebody reports an order with a wrong signature
    Then the connection is failing because of "signature_invalid"
    And nothing of the message is kept

  Scenario: Stripe tells its secret after it knows the address
    When the shop connects its Stripe without a secret
    Then the connection misses its secret
    When the shop tells the secret that Stripe showed
    Then the connection is waiting

  Scenario: The answer with the new secret is lost
    Given the shop's own webshop is connected
    When the shop asks for a new secret and the answer is lost
    And the shop asks for a new secret again
    Then the shop is told that two secrets are valid
    And the own webshop's messages are still taken
    When the shop withdraws the new secret
    And the shop asks for a new secret again
    Then a new secret is shown

  Scenario: A connection is renamed and switched off for a while
    When the shop renames the connection to "Old Shopify" and switches it off
    Then the connection "Old Shopify" is disabled
    And a message of Shopify is refused after a moment
    When the shop switches the connection on
    Then a message of Shopify is taken after a moment

  Scenario: A connection is removed
    When the shop removes the connection
    Then a message of Shopify is refused after a moment
    And the shop has no connections

  Scenario: A message that could not be recorded is looked at and tried again
    Given the shop's own webshop is connected
    And the own webshop reported an order in a currency that the shop does not trade in
    Then the shop sees that message, why it was given up, and what it said
    When the shop now trades in that currency and has the message tried again
    Then there is 1 order of Ben
