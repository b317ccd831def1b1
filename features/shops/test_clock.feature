Feature: A test shop's clock
  Before going live a retailer wants to see what happens after the return window. A shop in test mode has a clock
  that can be moved forward; a real shop's time is everybody's time.

  Scenario: Two weeks pass at once
    When Nora moves the shop's clock forward by 14 days
    Then at the shop it is 14 days later
    And the audit log says that the clock was moved

  Scenario: Moves add up
    When Nora moves the shop's clock forward by 3 days
    And Nora moves the shop's clock forward by 4 days
    Then at the shop it is 7 days later

  Scenario: The clock never goes back
    When Nora tries to move the shop's clock by no time at all
    Then she is told that the clock moves only forward

  Scenario: Ten years is as far as it goes
    When Nora moves the shop's clock forward by 3650 days
    And Nora tries to move the shop's clock forward by 1 more day
    Then she is told that the clock cannot be moved that far

  Scenario: A real shop's clock stands for real time
    Given a shop that is not in test mode
    When Nora tries to move the shop's clock forward by 1 more day
    Then she is told that only a shop in test mode has a clock that can be moved
