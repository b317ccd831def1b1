Feature: Follow the final order
  A reward is what the final order earns, whenever goods come back.

  Background:
    Given a live programme "give €10, get 10 % of the order, at most €25"
    And the minimum order is €40, first orders only, with 14 days of hold
    And Ada is an advocate
    And Ben orders for €120 with Ada's code

  Scenario: Half is returned before approval
    When €60 of the order of Ben is returned
    Then Ada's reward is €6.00 and pending
    And Ben's reward is €10.00 and pending
    And Ada is told why: "Part of the order was returned: 10 % of the remaining €60.00 is €6.00."
    And the ledger sums to zero

  Scenario: Half is returned after approval
    Given 14 days pass
    And Ada's reward is €12.00 and issued
    When €60 of the order of Ben is returned
    Then Ada's reward is €6.00 and issued
    And Ada has €6.00 available and €0.00 pending
    And the history of Ada's reward is "pending, approved, issued, reduced"
    And the ledger sums to zero

  Scenario: What is left is below the minimum
    When €90 of the order of Ben is returned
    Then Ada's reward is €0.00 and reversed
    And Ben's reward is €0.00 and reversed
    And the recommendation of Ben is reversed
    And the reason is "After the return, €30.00 of the order is left; the offer asks for at least €40.00."

  Scenario: Everything is returned after approval
    Given 14 days pass
    And Ada's reward is €12.00 and issued
    When €120 of the order of Ben is returned
    Then Ada's reward is €0.00 and reversed
    And Ada has €0.00 available and €0.00 pending
    And the reason is "The whole order was returned."
    And the ledger sums to zero

  Scenario: The friend's bank takes the money back
    When the payment for the order of Ben is charged back
    Then Ada's reward is €0.00 and reversed
    And the reason is "The payment for the order was charged back."
    And the ledger sums to zero

  Scenario: The order is cancelled
    When the order of Ben is cancelled
    Then Ada's reward is €0.00 and reversed
    And the reason is "The order was cancelled."

  Scenario: The news comes in the wrong order
    When the order of Ben is cancelled
    And older news of the order of Ben arrives late
    Then Ada's reward is €0.00 and reversed

  Scenario: A return that was a mistake
    Given €120 of the order of Ben is returned
    And Ada's reward is €0.00 and reversed
    When the return of Ben's order is taken back
    Then Ada's reward is €12.00 and pending
    And the history of Ada's reward is "pending, reversed, reinstated"
    And the ledger sums to zero
