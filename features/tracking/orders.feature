Feature: Orders are counted once and kept up to date
  Whatever order a platform's messages arrive in, and however often, the shop sees the same order.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click
    And the shop's Shopify is connected

  Scenario: What counts is what the friend paid for the goods
    When Ben orders 2 lamps for 59.50 euros each, 19 euros of it tax, with 10 euros off and 4.90 euros of shipping
    Then the order's base is 90.00 euros

  Scenario: The same message twenty times
    When Shopify reports Ben's order of 80.00 euros 20 times
    Then there is 1 order of Ben
    And the news of it was told once

  Scenario: The payment follows the order
    Given Ben ordered for 80.00 euros and has not paid
    When Ben pays
    Then the order is paid

  Scenario: Old news after new news changes nothing
    Given Ben ordered for 80.00 euros and has paid
    When Shopify's first message about it, not paid yet, arrives late
    Then the order is paid

  Scenario: A piece is returned
    Given Ben ordered 2 lamps for 40.00 euros each
    When Ben returns 1 lamp
    Then 40.00 euros of the order are left

  Scenario: The return arrives before the order
    When Shopify reports that 1 lamp of an order nobody knows was returned
    And then the order of 2 lamps for 40.00 euros each
    Then 40.00 euros of the order are left

  Scenario: Two returns and their repetition
    Given Ben ordered 3 lamps for 33.33 euros each
    When Ben returns 1 lamp
    And Ben returns another lamp
    And Shopify repeats everything in the opposite order
    Then 33.33 euros of the order are left

  Scenario: The shop pays an amount back
    Given Ben ordered for 80.00 euros and has paid
    When the shop pays 15.00 euros back
    Then 65.00 euros of the order are left

  Scenario: The order is cancelled
    Given Ben ordered for 80.00 euros and has paid
    When the order is cancelled
    Then 0.00 euros of the order are left

  Scenario: The first order of a person
    Given Ben ordered for 80.00 euros and has paid
    When Ben orders a second time a day later
    Then only the earlier one counts as Ben's first order

  Scenario: A customer orders under another address
    Given the customer "c-77" ordered as Ben
    When the customer "c-77" orders as Benjamin a day later
    Then only the earlier one counts as Ben's first order

  Scenario: A customer orders under somebody else's address
    Given the customer "c-77" ordered as Ben
    And the customer "c-78" ordered as Cleo
    When the customer "c-77" orders as Cleo a day later
    Then only the last of the three counts as no first order

  Scenario: An older order turns up
    Given Ben ordered for 80.00 euros and has paid
    When Shopify reports that Ben had ordered a week before
    Then only the earlier one counts as Ben's first order

  Scenario: The first order is cancelled
    Given Ben ordered for 80.00 euros and has paid
    And Ben ordered a second time a day later
    When the first of them is cancelled
    Then both count as Ben's first order

  Scenario: Very long order numbers stay exact
    When Shopify reports an order with the number 820982911946154508
    Then the order is known by the number 820982911946154508

  Scenario Outline: What cannot be is put aside with a reason
    When Shopify reports an order <oddity>
    Then the message is put aside as "<reason>"
    And there is no order

    Examples:
      | oddity                   | reason             |
      | in dollars               | currency_mismatch  |
      | with a negative price    | invalid_amount     |
      | of a trillion euros      | invalid_amount     |
      | dated a year ahead       | date_in_future     |
      | that is cut off          | unreadable_payload |
      | with words for an amount | unreadable_payload |

  Scenario: What was put aside is tried again
    Given a message was put aside because it is in dollars
    When the operator has it tried again
    Then the message is put aside as "currency_mismatch"

  Scenario: What is dated ahead is taken when the shop's clock comes near
    Given a message was put aside because it is dated a year ahead
    When 364 days pass
    And the operator has it tried again
    Then there is 1 order of Ben

  Scenario: The webshop hears at once that an order is dated ahead
    When the webshop reports an order dated 2 days ahead through the API
    Then it is refused as "date_in_future"

  Scenario: A refund that is dated ahead is put aside
    When the webshop reports Ben's order of 80.00 euros through the API
    And the own webshop tells a refund of 20.00 euros, dated 2 days ahead
    Then the message is put aside as "date_in_future"
    And 80.00 euros of the order are left

  Scenario: More is said to be paid back than was paid
    When the webshop reports Ben's order of 80.00 euros through the API
    Then nothing is said to be paid back beyond the order
    When the webshop reports that 8000.00 euros of it are paid back
    Then 0.00 euros of the order are left
    And 7920.00 euros are said to be paid back beyond the order

  Scenario: The webshop reports a changed order without saying since when it is so
    When the webshop reports Ben's order of 80.00 euros through the API
    And then of 95.00 and then of 60.00 euros
    Then 60.00 euros of the order are left
