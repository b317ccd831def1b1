Feature: Try another chain on the past
  Before a programme decides by another chain, the marketer sees what it would have made of the last weeks' orders: which
  would change hands, and what they are worth. Nothing happens to them.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click
    And Ada is an advocate with the code "ADA2-2026"
    And Zoe is an advocate with the code "Z0E5-2026"
    And the shop's Shopify is connected
    And Ben tapped Ada's link
    And Ben ordered with the code "Z0E5-2026" and the click's mark
    And Ben ordered with the code "ADA2-2026"
    And Cleo ordered with the code "Z0E5-2026"
    And Dora ordered without any code

  Scenario: The present chain changes nothing
    When the marketer replays the last 30 days with the present chain
    Then the replay looked at 4 orders and would change none

  Scenario: Orders of tests and what people said are left as they are
    Given Eva ordered with the code "Z0E5-2026", to test the shop
    And the marketer credited the third order to Ada, because "Cleo called: it was Ada."
    When the marketer replays the last 30 days with the click alone
    Then the replay looked at 4 orders
    And 1 order of 80.00 euros in all would be lost
    And 1 order of 80.00 euros would move from Zoe to Ada

  Scenario: The click before the coupon code
    When the marketer replays the last 30 days with the click before the coupon code
    Then 1 order of 80.00 euros would move from Zoe to Ada
    And no other order would change
    And the file of the replay says the same
    And the first order is still credited to Zoe by the coupon code

  Scenario: What the rewards come to
    Given Zoe was granted 8.00 euros and Ben 10.00 euros for the first order
    And Ada was granted 8.00 euros for the second order, which were taken back since
    And Zoe was granted 70.00 kronor for the third order
    When the marketer replays the last 30 days with the click alone
    Then of the moved order the advocate would lose 8.00 euros and the friend 10.00 euros
    And of the lost orders the advocate would lose 70.00 kronor
    And 1 order would newly be credited to an advocate
    And the file of the replay tells these rewards

  Scenario: Without the coupon code
    When the marketer replays the last 30 days with the click alone
    Then 2 orders of 160.00 euros in all would be lost
    And 1 order of 80.00 euros would move from Zoe to Ada

  Scenario: Why, in the reader's language
    When the marketer replays the last 30 days with the click alone
    Then for the moved order it says "The friend tapped the advocate's link less than 30 days before the order."
    And for the lost orders it says "Under this chain nothing on the order counts for anybody."
    And in German it says "Der Freund hat weniger als 30 Tage vor der Bestellung auf den Link der empfehlenden Person getippt." and "Nach dieser Kette zählt nichts an der Bestellung für irgendjemanden."
    And the file of the replay says so in German, too

  Scenario: A way that no chain has yet
    Given Ada invites friends with the code "J01N-2026"
    And Dora ordered with the code "J01N-2026"
    When the marketer replays the last 30 days with the invite code besides
    Then 1 order of 80.00 euros would be won for Ada

  Scenario: What the draft says
    Given the marketer drafts a chain with the click alone
    When the marketer replays the last 30 days with the draft
    Then 2 orders of 160.00 euros in all would be lost
