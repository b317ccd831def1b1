Feature: A friend's order rewards both sides
  Ada recommends Nordlicht to Ben. He orders, and both get something. Whatever happens to his order later,
  the reward follows the order as it ends, and everybody can read why.

  Background:
    Given Nordlicht promises "give €10, get 10 % of the order, at most €25"
    And it asks for €40, for a first order, and waits 14 days for returns
    And Ada has bought at Nordlicht and has her link and code

  Scenario: Ben follows Ada's link, and both rewards are there within a second
    When Ben opens Ada's link on his phone, which speaks German
    Then a page greets him in German, from Ada, with "10 €"
    And one visit of Ada's link is counted
    When Ben claims the deal
    And he orders two lamps for €64.50 each with his code
    Then within a second Ada has €10.00 pending, because "10 % of the order's €100.00 is €10.00."
    And Ben has €10.00 pending, because "The order qualifies for €10.00."
    And the order is credited to Ada, because "The friend came to the shop straight from the claimed deal."
    And Ada reads "10,00 €" and why on her statement
    And Ada gets the mail "Deine Empfehlung wirkt: 10,00 € für dich"
    And the books sum to zero

  Scenario: Ada's friend is a machine that previews links
    When a messenger looks at Ada's link to show a preview
    Then the preview tells of Nordlicht and "10 €"
    And no visit of Ada's link is counted

  Scenario: Ben only heard of Ada's code, and types it badly
    When Ben orders two lamps for €64.50 each with Ada's code in small letters
    Then Ada has €10.00 pending, because "10 % of the order's €100.00 is €10.00."
    And the order is credited to Ada by the typed code

  Scenario: Ben followed the link and forgot the code
    Given Ben opened Ada's link
    When he orders two lamps for €59.50 each without a code
    Then Ada has €10.00 pending, because "10 % of the order's €100.00 is €10.00."
    And the order is credited to Ada by the followed link

  Scenario: Nothing is approved before the time for returns is over
    Given Ben claimed the deal and ordered two lamps for €64.50 each
    When 13 days pass
    Then Ada has €10.00 pending, because "10 % of the order's €100.00 is €10.00."

  Scenario: The time for returns is over
    Given Ben claimed the deal and ordered two lamps for €64.50 each
    When 15 days pass
    Then Ada has €10.00 issued, because "The reward was issued as credit."
    And Ben has €10.00 issued, because "The reward was issued as credit."
    And Ada gets the mail "Deine Prämie von 10,00 € ist da"
    And the books sum to zero

  Scenario: Ben returns one of two lamps before the approval
    Given Ben claimed the deal and ordered two lamps for €64.50 each
    When Ben returns one lamp
    Then Ada has €5.00 pending, because "Part of the order was returned: 10 % of the remaining €50.00 is €5.00."
    When 15 days pass
    Then Ada has €5.00 issued, because "The reward was issued as credit."
    And the books sum to zero

  Scenario: Ben returns one of two lamps after the approval
    Given Ben claimed the deal and ordered two lamps for €64.50 each
    And 15 days have passed, and the rewards are issued
    When Ben returns one lamp
    Then Ada has €5.00 issued, because "Part of the order was returned: 10 % of the remaining €50.00 is €5.00."
    And Ada's credit is €5.00
    And Ada gets the mail "Deine Prämie beträgt jetzt 5,00 €"
    And the books sum to zero

  Scenario: Ben returns one lamp, then the other
    Given Ben claimed the deal and ordered two lamps for €64.50 each
    When Ben returns one lamp
    And Ben returns one lamp
    Then Ada has nothing, because "The whole order was returned."
    And Ben has nothing, because "The whole order was returned."
    And the books sum to zero

  Scenario: Ben returns everything after the approval
    Given Ben claimed the deal and ordered two lamps for €64.50 each
    And 15 days have passed, and the rewards are issued
    When Ben returns everything
    Then Ada has nothing, because "The whole order was returned."
    And Ada's credit is €0.00
    And the books sum to zero

  Scenario: Too little is left
    Given Ben claimed the deal and ordered two lamps for €40.70 each
    When Ben returns one lamp
    Then Ada has nothing, because "After the return, €30.00 of the order is left; the offer asks for at least €40.00."
    And the books sum to zero

  Scenario: Ben cancels
    Given Ben claimed the deal and ordered two lamps for €64.50 each
    When Ben cancels the order
    Then Ada has nothing, because "The order was cancelled."
    And the books sum to zero

  Scenario: News comes twice and in the wrong order
    Given Ben claimed the deal
    When the return of one of two lamps for €64.50 each is heard of before the order, and both twice
    Then Ada has €5.00 pending, because "Part of the order was returned: 10 % of the remaining €50.00 is €5.00."
    And there are 2 rewards in all
    And the books sum to zero

  Scenario: Ada tries her own code under another spelling of her address
    When Ada orders two lamps for €64.50 each with her own code
    Then the order earns nothing, because "Nobody can recommend the shop to themselves."
    And there are 0 rewards in all

  Scenario: Ada tries to claim her own deal
    When Ada tries to claim her own deal
    Then she gets no code

  Scenario: Ben orders a second time
    Given Ben claimed the deal and ordered two lamps for €64.50 each
    When Ben orders two lamps for €64.50 each with Ada's code in small letters
    Then the order earns nothing, because "The offer is for a first order, and the friend has ordered before."
    And there are 2 rewards in all

  Scenario: The programme takes a break
    Given Ben opened Ada's link
    When the programme is paused
    Then Ada's page says that the deal is taking a break
    When Ben orders two lamps for €64.50 each with Ada's code in small letters
    Then the order earns nothing, because "The programme was not running when the order was placed."
    When the programme goes on
    And Cleo orders two lamps for €64.50 each with Ada's code in small letters
    Then Ada has €10.00 pending, because "10 % of the order's €100.00 is €10.00."

  Scenario: Somebody forges an order
    When an order with Ada's code arrives that Shopify did not sign
    Then it is turned away
    And there are 0 rewards in all
