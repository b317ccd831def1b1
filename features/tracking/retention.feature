Feature: How long it is kept who bought what
  A shop keeps orders for its reports, and its customers' traces no longer than it needs them.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click
    And Ada is an advocate with the code "ADA2-2026"
    And the shop's Shopify is connected

  Scenario: The country says how long, until the shop does
    Then orders keep their buyers for 36 months and clicks are kept for 14
    When the shop chooses 24 months for orders and 18 for clicks
    Then orders keep their buyers for 24 months and clicks are kept for 18
    And the choice is told to the audit log

  Scenario: Too short for rewards that are still to come
    When the shop chooses 6 months for orders and 14 for clicks
    Then the choice is refused

  Scenario: A customer who bought nothing more is forgotten
    Given the shop chose 24 months for orders and 14 for clicks
    And Ben ordered with the code "ADA2-2026" for 80.00 euros
    When 25 months pass and the nightly run is over
    Then nothing of Ben's order says who bought
    And Ben's order still counts 80.00 euros, credited to Ada
    And the shop sees that 1 order was treated so

  Scenario: A customer who came back is not forgotten
    Given the shop chose 24 months for orders and 14 for clicks
    And Ben ordered with the code "ADA2-2026" for 80.00 euros
    When 23 months pass and the nightly run is over
    And Ben orders again and 2 months pass and the nightly run is over
    Then both of Ben's orders are still of one customer, and only the older is the first

  Scenario: An order with a reward that is still to be settled is left alone
    Given the shop chose 24 months for orders and 14 for clicks
    And Ben ordered with the code "ADA2-2026" for 80.00 euros
    And Ada's reward for it is not settled yet
    When 25 months pass and the nightly run is over
    Then Ben's order still says who bought

  Scenario: Old clicks are deleted
    Given the shop chose 24 months for orders and 14 for clicks
    And Ben tapped Ada's link
    When 15 months pass and the nightly run is over
    Then there is no click any more
