Feature: A shop's details
  A retailer's people keep their shop's name, languages, look and address up to date, so that customers always
  meet the shop as it is today.

  Scenario: The shop's people see their shop
    When Nora looks at the shop's details
    Then the shop is called "Nordlicht", is in Germany and sells in euros
    And the shop speaks German and English, German first

  Scenario: The shop takes a new name and look
    When Nora renames the shop to "Nordlicht & Töchter"
    And Nora gives the shop the colour "#224488"
    Then the shop is called "Nordlicht & Töchter"
    And the shop's colour is "#224488"
    And the audit log says that the shop was changed

  Scenario: A shop learns another language
    When Nora adds Danish to the shop's languages
    Then the shop speaks German, English and Danish, German first

  Scenario Outline: What no shop may have is refused
    When Nora sets the shop's <detail> to "<value>"
    Then she is told that <reason>
    And nothing about the shop has changed

    Examples:
      | detail          | value                   | reason                         |
      | time zone       | Mars/Olympus            | the time zone is not known     |
      | address         | javascript:alert(1)     | the web address is not valid   |
      | address         | https://a:b@shop.example | the web address is not valid  |
      | first language  | sv                      | the locale is not supported    |

  Scenario: Two people change the shop at the same time
    Given Nora and Emil both look at the shop's details
    When Nora renames the shop to "Nordlicht Nord"
    And Emil, who has not looked again, renames the shop to "Nordlicht Süd"
    Then he is told that somebody else changed the shop in the meantime
    And the shop is called "Nordlicht Nord"
