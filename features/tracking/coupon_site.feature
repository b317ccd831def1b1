Feature: Codes on coupon sites
  An advocate's code that a coupon site shows is used by strangers in numbers. It then earns the advocate nothing, until
  a person has looked at it.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click
    And Ada is an advocate with the code "ADA2-2026"
    And 3 orders within 2 hours are too many for strangers, from now on
    And the shop's Shopify is connected

  Scenario: Strangers come in numbers
    When 2 strangers order with Ada's code
    Then 2 orders are credited to Ada
    And there is no alert
    When 2 strangers order with Ada's code a minute later
    Then 2 orders are credited to Ada
    And the code did not count for 2 orders because of the coupon site
    And there is an alert about Ada's code

  Scenario: Friends who had tapped the link are no strangers
    Given Ben tapped Ada's link
    When 4 people order with Ada's code and the click's mark
    Then 4 orders are credited to Ada
    And there is no alert

  Scenario: An order that was edited is no use of the code any more
    Given 4 strangers ordered with Ada's code
    And there is an alert about Ada's code
    When the shop takes the code off the last 2 orders
    Then there is no alert any more
    And 2 orders are credited to Ada

  Scenario: The marketer releases the code
    Given 4 strangers ordered with Ada's code
    And there is an alert about Ada's code
    When the marketer releases the code, because "Ada is in the newspaper."
    Then 4 orders are credited to Ada
    And the alert is settled as released

  Scenario: A code on a poster
    Given the marketer exempts Ada's code, because "It is on our posters."
    When 4 strangers order with Ada's code
    Then 4 orders are credited to Ada
    And there is no alert
    When the marketer has Ada's code watched again
    And 4 strangers order with Ada's code a minute later
    Then the code did not count for 4 orders because of the coupon site
    And everybody can read who exempted the code and who had it watched again

  Scenario: A code is exempted that was held back already
    Given 4 strangers ordered with Ada's code
    And there is an alert about Ada's code
    When the marketer exempts Ada's code, because "It is on our posters."
    Then 4 orders are credited to Ada
    And the alert is settled as released
    When the marketer has Ada's code watched again
    And 4 strangers order with Ada's code a minute later
    Then the code did not count for 4 orders because of the coupon site

  Scenario: A shop with rules of its own for all its programmes
    Given the programme leaves to the shop what is too much, from now on
    And the shop holds 3 orders within 2 hours too many, from now on
    When 4 strangers order with Ada's code
    Then the code did not count for 4 orders because of the coupon site

  Scenario: A shop that does not want to know of coupon sites
    Given the programme leaves to the shop what is too much, from now on
    And the shop holds 3 orders within 2 hours too many, from now on
    And the shop switches that off
    When 4 strangers order with Ada's code
    Then 4 orders are credited to Ada
    And there is no alert

  Scenario: A shop's rule that was to come is withdrawn in time
    Given the programme leaves to the shop what is too much, from now on
    And the shop holds 3 orders within 2 hours too many, in 2 days
    When the marketer withdraws the shop's rule
    Then everybody can read when the shop's rule was withdrawn, and who did it
    When 3 days pass
    And 4 strangers order with Ada's code
    Then 4 orders are credited to Ada
    And there is no alert

  Scenario: A shop's rule that has come into force stays
    Given the programme leaves to the shop what is too much, from now on
    And the shop holds 3 orders within 2 hours too many, in 2 days
    And 3 days pass
    When the marketer withdraws the shop's rule
    Then the shop's rule stays, because it is "rule_in_force"
    When 4 strangers order with Ada's code
    Then the code did not count for 4 orders because of the coupon site

  Scenario: The marketer blocks the code for good
    Given 4 strangers ordered with Ada's code
    And there is an alert about Ada's code
    When the marketer blocks the code, because "It stands on a coupon site."
    Then the alert is settled as blocked
    And the code did not count for 4 orders because of the coupon site
