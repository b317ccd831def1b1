Feature: Who gets the order, and what follows from it
  Whom an order is credited to decides who is rewarded. The friend may say it in many ways, and the shop's people may know
  better; the rewards follow, and nobody's name or number is kept with an order.

  Background:
    Given Nordlicht promises "give €10, get 10 % of the order, at most €25"
    And it asks for €40, for a first order, and waits 14 days for returns
    And Ada has bought at Nordlicht and has her link and code

  Scenario: The shop's people know better
    Given Zoe Winter recommends Nordlicht, too
    And Ben claimed the deal and ordered two lamps for €64.50 each
    When the marketer credits the order to Zoe, because "Ben called: it was Zoe."
    Then Zoe has €10.00 pending
    And Ada's reward is taken back, because the order was credited elsewhere
    And the audit log says that the order was credited by hand
    And the books sum to zero

  Scenario: The friend says at checkout who sent him
    Given Zoe Winter recommends Nordlicht, too
    And the programme credits whom a friend names
    When Ben orders two lamps for €59.50 each and names "winter, ZOE" as the friend who sent him
    Then Zoe has €10.00 pending

  Scenario: The friend orders under another address, with the same telephone number
    Given the programme credits who claimed the deal with the same number
    And Ben claimed Ada's deal with the number "0151 2345 6789"
    When Cleo orders two lamps for €59.50 each with the number "+49 151 23456789"
    Then Ada has €10.00 pending, because "10 % of the order's €100.00 is €10.00."

  Scenario: Ben types the invite code that Ada gave him
    Given the programme credits whose invite code a friend brings
    And Ada invites friends with an invite code of her own
    When Ben orders two lamps for €64.50 each and types that invite code in small letters
    Then Ada has €10.00 pending, because "10 % of the order's €100.00 is €10.00."

  Scenario: Ben types an invite code from before checkouts knew of them
    Given the programme credits whose invite code a friend brings
    And Ada invites friends with an invite code of her own
    And that was before checkouts knew of invite codes
    When Ben orders two lamps for €64.50 each and types that invite code in small letters
    And Grapevine has been brought up to date
    Then Ada has €10.00 pending, because "10 % of the order's €100.00 is €10.00."

  Scenario: What the marketer decides about coupon sites and chains is written down
    When the marketer exempts Ada's code, sets the shop's rules, and withdraws a chain and rules that were to come
    Then the audit log tells of all of it
