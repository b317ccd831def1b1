Feature: Earn by recommending
  A friend's order rewards both sides, once, by the terms the friend was promised.

  Background:
    Given a live programme "give €10, get 10 % of the order, at most €25"
    And the minimum order is €40, first orders only, with 14 days of hold
    And Ada is an advocate

  Scenario: A friend's first order rewards both
    When Ben orders for €120 with Ada's code
    Then Ada's reward is €12.00 and pending
    And Ben's reward is €10.00 and pending
    And Ada is told why: "10 % of the order's €120.00 is €12.00."
    And the recommendation of Ben is ordered
    And the ledger sums to zero

  Scenario: The cap holds
    When Ben orders for €900 with Ada's code
    Then Ada's reward is €25.00 and pending
    And Ada is told why: "10 % of the order's €900.00, at most €25.00, is €25.00."

  Scenario: The same order, told three times, counts once
    When Ben orders for €120 with Ada's code
    And the order of Ben is told again
    And the order of Ben is told again
    Then Ada's reward is €12.00 and pending
    And 2 rewards exist
    And the ledger sums to zero

  Scenario: A friend who only took the deal
    When Ben takes Ada's deal
    Then the recommendation of Ben is claimed
    And no rewards exist

  Scenario: The order is known before the deal was heard of
    Given Ben took Ada's deal, and nobody has said so yet
    And the offer was changed to "give €5, get €3" since
    When Ben orders for €120 with Ada's code
    And the word comes that Ben took the deal
    Then Ada's reward is €12.00 and pending
    And Ben's reward is €10.00 and pending
    And the ledger sums to zero

  Scenario: An order is credited to somebody else after all
    Given Cleo is an advocate
    When Ben orders for €120 with Ada's code
    And the order of Ben is credited to Cleo instead
    Then Ada's reward is €0.00 and reversed
    And Cleo's reward is €12.00 and pending
    And the ledger sums to zero

  Scenario: An order is credited to nobody after all
    When Ben orders for €120 with Ada's code
    And the order of Ben is credited to nobody after all
    Then Ada's reward is €0.00 and reversed
    And the reason is "The order is no longer credited to this recommendation."
    And the ledger sums to zero
