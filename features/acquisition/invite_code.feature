Feature: Redeem an invite code
  A friend joins with the inviter's code, so that both can be rewarded.

  Scenario: A friend redeems the last seat
    Given Ada invited friends with the code "ADA2-2026", which has 1 seat left
    When Bob redeems "ada2-2026"
    Then Bob is credited to Ada
    And the code has 0 seats left

  Scenario: No seat is left
    Given Ada invited friends with the code "ADA2-2026", which has 1 seat left
    And Bob has redeemed "ADA2-2026"
    When Cleo redeems "ADA2-2026"
    Then she is told that no seats are left

  Scenario: Nobody invites themselves
    Given Ada invited friends with the code "ADA2-2026", which has 3 seats left
    When Ada redeems "ADA2-2026"
    Then she is told that this is her own invitation
    And the code has 3 seats left

  Scenario: An invitation ends
    Given Ada invited friends with the code "ADA2-2026", which has 3 seats left
    When 31 days pass
    And Bob redeems "ADA2-2026"
    Then he is told that the code has expired

  Scenario: Everybody takes one seat only
    Given Ada invited friends with the code "ADA2-2026", which has 3 seats left
    And Bob has redeemed "ADA2-2026"
    When Bob redeems "ADA2-2026"
    Then he is told that he has used the code already
    And the code has 2 seats left

  Scenario: A code from before others heard of codes
    Given Ada invited friends with the code "ADA2-2026", which has 3 seats left
    And that was before others heard of invite codes
    When Grapevine has been brought up to date
    Then others are told of the code "ADA2-2026", once more

  Scenario: A campaign's code credits nobody
    Given the campaign "Summer fair" has a code with 100 seats
    When Bob redeems the campaign's code
    Then Bob is counted for "Summer fair"
