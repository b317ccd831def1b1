Feature: Audit log
  Who did what to the shop is written down, and what was written down cannot be changed unnoticed.

  Scenario: What happened is written down
    When Nora renames the shop to "Nordlicht Nord"
    And Nora moves the shop's clock forward by 1 day
    Then the audit log says, newest first: the clock was moved, the shop was changed
    And the audit log is intact

  Scenario: What happens to programmes is written down
    When a programme goes live
    Then the audit log says that a programme changed
    And telling it again adds nothing

  Scenario: A long log is read page by page
    Given the shop was renamed 5 times
    When Nora reads the audit log 2 entries at a time
    Then she reads every entry once, newest first

  Scenario Outline: Tampering shows
    Given the shop was renamed 5 times
    When somebody with power over the database <tampers with> entry 4
    Then the audit log is broken at entry <place>

    Examples:
      | tampers with | place |
      | changes      | 4     |
      | removes      | 4     |

  Scenario: A cut-off end shows
    Given the shop was renamed 5 times
    When somebody with power over the database removes the newest entry
    Then the audit log is broken at that entry
