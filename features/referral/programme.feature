Feature: Run a programme
  A marketer drafts, launches, pauses and ends a programme. Promised terms never change.

  Scenario: A draft is changed, launched terms are not
    Given a draft programme "give €10, get €10"
    When the marketer changes the draft to "give €10, get €15"
    Then nobody outside knows more than that there is a programme
    When the programme is launched
    Then changing its terms is refused
    And changing its title to "Friends of Nordlicht" works

  Scenario: Terms in money that the shop does not take
    When the marketer drafts "give €10, get €10" in Swedish kronor
    Then the draft is refused, because the shop trades in EUR

  Scenario: Orders during a pause earn nothing
    Given a live programme "give €10, get €10"
    And Ada is an advocate
    When the programme is paused
    And an hour later Ben orders for €120 with Ada's code
    Then the recommendation of Ben is refused
    And the reason is "The programme was not running when the order was placed."
    When the programme is resumed
    And an hour later Cleo orders for €120 with Ada's code
    Then the recommendation of Cleo is ordered

  Scenario: A claimed deal keeps its terms
    Given a live programme "give €10, get €10"
    And Ada is an advocate
    And Ben takes Ada's deal
    When an hour later the offer is changed to "give €5, get €3"
    And an hour later Ben orders for €120 with Ada's code
    And an hour later Cleo orders for €120 with Ada's code
    Then the rewards of Ben's order are €10.00 for Ada and €10.00 for Ben
    And the rewards of Cleo's order are €3.00 for Ada and €5.00 for Cleo

  Scenario: Two marketers edit at once
    Given a draft programme "give €10, get €10"
    When two marketers change the title on the same revision
    Then the second one is told to read it again

  Scenario: An ended programme stays ended
    Given a live programme "give €10, get €10"
    When the programme is ended
    Then it can be neither launched, paused nor resumed
    And nobody can become an advocate
