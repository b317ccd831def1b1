Feature: Approve after the return period
  What was earned is approved and issued once the return period is over and the order is paid.

  Background:
    Given a live programme "give €10, get 10 % of the order, at most €25"
    And the minimum order is €40, first orders only, with 14 days of hold
    And Ada is an advocate
    And Ben orders for €120 with Ada's code

  Scenario: Both rewards are issued when the return period is over
    When 14 days pass
    Then Ada's reward is €12.00 and issued
    And Ben's reward is €10.00 and issued
    And the recommendation of Ben is completed
    And Ada has €12.00 available and €0.00 pending
    And the history of Ada's reward is "pending, approved, issued"
    And the ledger sums to zero

  Scenario: A day before, nothing is approved
    When 13 days pass
    Then Ada's reward is €12.00 and pending
    And Ada has €0.00 available and €12.00 pending

  Scenario: An unpaid order waits
    Given the order of Ben is not paid yet
    When 20 days pass
    Then Ada's reward is €12.00 and pending
    When the order of Ben is paid
    And the approval runs
    Then Ada's reward is €12.00 and issued

  Scenario: An order that is paid late waits no longer
    Given the order of Ben is not paid yet
    And 20 days pass
    When the order of Ben is paid
    Then Ada's reward is €12.00 and issued

  Scenario: Two approvals at the same time issue once
    Given the order of Ben is not paid yet
    And 20 days pass
    And the order of Ben is paid
    When the approval runs twice at the same time
    Then Ada's reward is €12.00 and issued
    And the history of Ada's reward is "pending, approved, issued"
    And the ledger sums to zero
