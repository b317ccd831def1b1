Feature: Claim a deal
  A friend takes the deal with an e-mail address and gets a code of their own, so that their order is credited to
  whoever recommended the shop.

  Background:
    Given Nordlicht gives friends €10 off their first order from €40, for 30 days
    And Ada passes the deal on

  Scenario: A friend gets a code of their own
    When Ben claims Ada's deal as "ben@example.com"
    Then he gets a code of his own that is good for 30 days
    And the way to the shop carries his code and the proof of his claim
    And the other contexts hear that Ben claimed Ada's deal

  Scenario: Claiming again gives the same code
    Given Ben has claimed Ada's deal as "ben@example.com"
    When Ben claims Ada's deal as "BEN@Example.com"
    Then he gets the same code again
    And only one claim is on record

  Scenario: The deal is for others
    When Ada claims her own deal as "ADA@Example.com"
    Then she is told that this is her own recommendation
    And no claim is on record

  Scenario: A mistyped e-mail address is pointed out
    When Ben claims Ada's deal as "ben@"
    Then he is asked for a valid e-mail address
    And what he typed is still there

  Scenario: Two friends get two codes
    Given Ben has claimed Ada's deal as "ben@example.com"
    When Cleo claims Ada's deal as "cleo@example.com"
    Then the two codes are different

  Scenario: A claim runs out
    Given Ben has claimed Ada's deal as "ben@example.com"
    When 31 days pass
    And Ben claims Ada's deal as "ben@example.com"
    Then he is told that his deal has expired

  Scenario: The shop's checkout recognises the code however it is typed
    Given Ben has claimed Ada's deal as "ben@example.com"
    When the checkout asks about Ben's code in small letters with dashes
    Then it learns that the code takes €10 off orders from €40

  Scenario: The shop's checkout learns that a code has run out
    Given Ben has claimed Ada's deal as "ben@example.com"
    When 31 days pass
    And the checkout asks about Ben's code
    Then it learns that the code has expired

  Scenario: The advocate's own code works at checkout too
    When the checkout asks about Ada's code
    Then it learns that the code takes €10 off orders from €40
