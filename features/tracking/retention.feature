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

  Scenario: What the tag saw is kept for thirteen months, until the shop says otherwise
    Given the tag is on Nordlicht's pages
    Then what the tag saw is kept for 13 months
    When the shop chooses 3 months for what the tag saw
    Then what the tag saw is kept for 3 months
    And the choice is told to the audit log

  Scenario: A shop that says nothing of the tag leaves that as it was
    Given the tag is on Nordlicht's pages
    And the shop chose 3 months for what the tag saw
    When the shop chooses 24 months for orders and 18 for clicks
    Then orders keep their buyers for 24 months and clicks are kept for 18
    And what the tag saw is kept for 3 months

  Scenario: Too short for a phone that reports a month late
    When the shop chooses 1 month for what the tag saw
    Then the choice is refused because of what the tag saw

  Scenario: What the tag saw long ago is deleted, and whose it was is forgotten
    Given the tag is on Nordlicht's pages
    And the shop has an identify secret
    And the shop chose 3 months for what the tag saw
    And Ben signed in and was recognised
    When 2 months pass and the nightly run is over
    Then Ben is recognised as a customer
    When 2 months pass and the nightly run is over
    Then nothing of what the tag saw is left
    And nobody is recognised
    And the shop sees that what the tag saw was deleted

  Scenario: Old clicks are deleted
    Given the shop chose 24 months for orders and 14 for clicks
    And Ben tapped Ada's link
    When 15 months pass and the nightly run is over
    Then there is no click any more

  Scenario: Figures outlive the clicks that they are made of
    Given the shop chose 24 months for orders and 14 for clicks
    And Ben came by the link that Ada shared by WhatsApp
    And Ben ordered with the code "ADA2-2026" for 80.00 euros
    And the report counts 1 click and 1 order
    When 15 months pass and the nightly run is over
    Then the report counts 1 click and 1 order
    And the report is complete
    And a report by channels on phones says that older clicks are no longer kept
