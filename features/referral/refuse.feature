Feature: Refuse what was not earned
  Every refusal has a reason that a shopper understands.

  Background:
    Given a live programme "give €10, get 10 % of the order, at most €25"
    And the minimum order is €40, first orders only, with 14 days of hold
    And Ada is an advocate

  Scenario: Ada orders with her own code
    When Ada herself orders for €120 with Ada's code
    Then the recommendation of Ada is refused
    And the reason is "Nobody can recommend the shop to themselves."
    And no rewards exist

  Scenario: Ada takes her own deal under another customer number
    When Ada herself takes Ada's deal
    Then the recommendation of Ada is refused
    And the reason is "Nobody can recommend the shop to themselves."

  Scenario: The order is too small
    When Ben orders for €39.99 with Ada's code
    Then the recommendation of Ben is refused
    And the reason is "The order comes to €39.99; the offer asks for at least €40.00."
    And no rewards exist

  Scenario: The order is just large enough
    When Ben orders for €40 with Ada's code
    Then Ada's reward is €4.00 and pending

  Scenario: The friend has ordered before
    When Ben orders for €120 with Ada's code, and it is not the first order
    Then the recommendation of Ben is refused
    And the reason is "The offer is for a first order, and the friend has ordered before."

  Scenario: An earlier order turns up later
    Given Ben orders for €120 with Ada's code
    When it turns out that Ben had ordered before
    Then Ada's reward is €0.00 and reversed
    And the ledger sums to zero

  Scenario: Another currency
    When Ben orders for SEK 1200 with Ada's code
    Then the recommendation of Ben is refused
    And the reason is "The order is in SEK, the offer in EUR."

  Scenario: A test order in a shop that is not in test mode
    Given the shop is not in test mode
    When Ben makes a test order for €120 with Ada's code
    Then the recommendation of Ben is refused
    And the reason is "This was a test order."

  Scenario: A programme and an advocate that nobody knows
    When an order comes that names a programme nobody knows
    And an order comes that names an advocate nobody knows
    Then both orders are refused with a reason
    And no rewards exist
