Feature: Orders from every platform
  Whatever a shop sells with, its orders are known exactly, once, and as they stand today.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click

  Scenario Outline: An order on <platform>
    Given Nordlicht sells by <platform>
    When Ben buys 2 lamps for 40.00 euros each there
    Then there is 1 order of Ben
    And the order's base is 80.00 euros
    And the order is paid

    Examples:
      | platform        |
      | Shopify         |
      | WooCommerce     |
      | Shopware        |
      | BigCommerce     |
      | Stripe          |
      | its own webshop |

  Scenario Outline: <platform> repeats itself
    Given Nordlicht sells by <platform>
    And Ben bought 2 lamps for 40.00 euros each there
    When the platform repeats everything 5 times
    Then there is 1 order of Ben
    And the news of it was told once

    Examples:
      | platform          |
      | Shopify           |
      | WooCommerce       |
      | Shopware          |
      | Shopware 6.6      |
      | BigCommerce       |
      | Stripe            |
      | Stripe by invoice |
      | its own webshop   |

  Scenario Outline: The payment on <platform> is known before the order
    Given Nordlicht sells by <platform>
    When Ben's payment for 2 lamps of 40.00 euros each is told before his order
    Then there is 1 order of Ben
    And the order is paid

    Examples:
      | platform        |
      | Shopify         |
      | WooCommerce     |
      | Shopware        |
      | Shopware 6.6    |
      | BigCommerce     |
      | Stripe          |
      | its own webshop |

  Scenario Outline: Part of the money goes back on <platform>
    Given Nordlicht sells by <platform>
    And Ben bought 2 lamps for 40.00 euros each there
    When 20.00 euros are paid back there
    Then 60.00 euros of the order are left

    Examples:
      | platform               |
      | Shopify                |
      | WooCommerce            |
      | Shopware               |
      | Shopware 6.6           |
      | BigCommerce            |
      | Stripe                 |
      | Stripe by invoice      |
      | Stripe with an invoice |
      | its own webshop        |

  Scenario Outline: An order on <platform> comes to nothing
    Given Nordlicht sells by <platform>
    And Ben bought 2 lamps for 40.00 euros each there
    When the order comes to nothing there
    Then 0.00 euros of the order are left

    Examples:
      | platform        |
      | Shopify         |
      | WooCommerce     |
      | Shopware        |
      | Shopware 6.6    |
      | BigCommerce     |
      | Stripe          |
      | its own webshop |

  Scenario Outline: Ben's bank takes the money back from <platform>
    Given Nordlicht sells by <platform>
    And Ben bought 2 lamps for 40.00 euros each there
    When the bank decides for Ben
    Then 0.00 euros of the order are left
    And the order shows that the money was charged back

    Examples:
      | platform          |
      | Shopify           |
      | Shopware          |
      | Shopware 6.6      |
      | Stripe            |
      | Stripe by invoice |
      | its own webshop   |

  Scenario Outline: Somebody pretends to be <platform>
    Given Nordlicht sells by <platform>
    When somebody else reports an order in its name
    Then the message is refused
    And there is no order

    Examples:
      | platform        |
      | Shopify         |
      | WooCommerce     |
      | Shopware        |
      | BigCommerce     |
      | Stripe          |
      | its own webshop |

  Scenario: BigCommerce is away for a while
    Given Nordlicht sells by BigCommerce
    When Ben buys 2 lamps for 40.00 euros each there while BigCommerce does not answer
    Then the order is known as soon as BigCommerce answers again

  Scenario: BigCommerce no longer accepts our token
    Given Nordlicht sells by BigCommerce
    When Ben buys 2 lamps for 40.00 euros each there while BigCommerce refuses us
    Then the message is put aside as "source_refused"

  Scenario: WooCommerce gives the news of one second one name
    Given Nordlicht sells by WooCommerce
    When two people buy there within one second
    Then both their orders are known

  Scenario: Stripe pays back before it tells what else it calls the order
    Given Nordlicht sells by Stripe by invoice
    When Stripe tells that 20.00 euros are paid back before it tells what else the order is called
    Then 60.00 euros of the order are left
    And there is 1 order of Ben

  Scenario Outline: A second <platform> has orders of the same numbers
    Given Nordlicht sells by <platform>
    And Ben bought 2 lamps for 40.00 euros each there
    When the shop connects a second <platform> too, which sells somebody else an order of the same number
    Then the message is put aside as "second_store"
    And Ben's order is still Ben's, of 80.00 euros

    Examples:
      | platform    |
      | WooCommerce |
      | BigCommerce |

  Scenario: The shop learns which store is the second one
    Given Nordlicht sells by WooCommerce
    And Ben bought 2 lamps for 40.00 euros each there
    When the shop connects a second WooCommerce too, which sells somebody else an order of the same number
    Then the message is put aside as "second_store"
    And the shop is told which store the message is from, and which it knows

  Scenario Outline: <platform> is connected anew
    Given Nordlicht sells by <platform>
    And Ben bought 2 lamps for 40.00 euros each there
    When the shop removes its <platform> and connects it anew
    And 20.00 euros are paid back by the new connection
    Then 60.00 euros of the order are left
    And there is 1 order of Ben

    Examples:
      | platform    |
      | WooCommerce |
      | BigCommerce |

  Scenario: WooCommerce has an address for each language
    Given Nordlicht sells by WooCommerce
    And Ben bought 2 lamps for 40.00 euros each there
    When the shop's WooCommerce speaks by its Dutch address
    And 20.00 euros are paid back there
    Then 60.00 euros of the order are left

  Scenario: WooCommerce moves to a new address and is connected anew
    Given Nordlicht sells by WooCommerce
    And Ben bought 2 lamps for 40.00 euros each there
    When the shop's WooCommerce moves to a new address and is connected anew
    And 20.00 euros are paid back by the new connection
    Then the message is put aside as "second_store"
    When the shop says that it is the same store, and has the message tried again
    Then 60.00 euros of the order are left
