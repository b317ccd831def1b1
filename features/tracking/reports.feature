Feature: Reports that add up
  The marketer sees what recommendations bring, step by step. Every figure is the sum of what happened.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click
    And Ada is an advocate with the code "ADA2-2026"

  Scenario: The way from a share to the reward
    Given Ada shared the deal by WhatsApp
    And Ben came by the link that Ada shared by WhatsApp
    And Ben claimed Ada's deal and got the code "BEN4-4444"
    When Ben buys for 80.00 euros with the code "BEN4-4444"
    And Ada's reward of 8.00 euros for it is approved
    Then the report counts 1 share, 1 click, 1 claim, 1 order and 1 approved
    And the channel "whatsapp" brought 1 click
    And the credited orders come to 80.00 euros, of which 80.00 are left
    And Ada is the first of the advocates, with 1 order

  Scenario: Channels on one kind of device
    Given Ben came by the link that Ada shared by WhatsApp
    Then the channel "whatsapp" brought 1 click from phones and none from desktops

  Scenario: Machines are counted apart
    Given WhatsApp opened Ada's link
    And Ben came by the link that Ada shared by WhatsApp
    Then the report counts 1 click and 1 preview

  Scenario: What is returned leaves the figures
    Given Ben bought for 80.00 euros with the code "ADA2-2026"
    When Ben's order is paid back
    Then the credited orders come to 80.00 euros, of which 0.00 are left

  Scenario: Referred customers beside all others
    Given Ben bought for 80.00 euros with the code "ADA2-2026"
    And Carl bought for 40.00 euros without any code
    Then a referred customer's order is 80.00 euros on average, any other's 40.00
    And every referred customer is new

  Scenario: What nobody recommended is of no programme
    Given Ben bought for 80.00 euros with the code "ADA2-2026"
    And Carl bought for 40.00 euros without any code
    Then by programme the report names Nordlicht's programme alone, with 1 order

  Scenario: What people did one after the other
    Given the tag is on Nordlicht's pages
    When Ben tapped Ada's link and buys with order "N-1"
    Then 1 of 1 who tapped a link bought on the shop's pages afterwards

  Scenario: The night on which clocks are set back
    When the marketer looks at 25 October 2026 hour by hour
    Then the day has 25 hours, two of which begin at 2 o'clock

  Scenario: Weeks begin on Monday
    When the marketer looks at 1 to 30 November 2026 week by week
    Then the weeks begin on 1, 2, 9, 16, 23 and 30 November

  Scenario Outline: A period that makes no sense
    When the marketer asks for a report from <first> to <last>
    Then it is refused as "<reason>"

    Examples:
      | first      | last       | reason              |
      | 2026-11-22 | 2026-11-21 | period_reversed     |
      | 2020-01-01 | 2026-11-21 | period_too_long     |
      | 1999-12-31 | 2000-01-05 | period_out_of_range |

  Scenario: A word that no report knows
    When the marketer narrows a report by the weather
    Then the report is refused, and names what it can be narrowed by
