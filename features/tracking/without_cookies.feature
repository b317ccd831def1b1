Feature: Credit without cookies
  Browsers and people drop cookies, so nothing that credits an order may need one.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click
    And Ada is an advocate with the code "ADA2-2026"
    And the shop's Shopify is connected
    And Ben's browser keeps no cookies

  Scenario: The click's mark in the address is enough
    Given Ben tapped Ada's link
    When Ben orders with the mark from the address that he arrived at
    Then the order is credited to Ada by the click
    And no cookie was ever set

  Scenario: The typed code is enough
    Given Ben tapped Ada's link
    When Ben orders with the code "ADA2-2026"
    Then the order is credited to Ada by the coupon code
    And no cookie was ever set

  Scenario: The claim in the order's attributes is enough
    Given Ben claimed Ada's deal and got the code "BEN4-4444"
    When Ben orders, coming straight from the deal
    Then the order is credited to Ada by the signed claim
    And no cookie was ever set

  Scenario: The mark says nothing of Ben, and ends
    Given Ben tapped Ada's link
    Then the mark names the click and nothing else
    When 61 days pass
    And Ben orders with the mark from the address that he arrived at
    Then the order is credited to nobody
