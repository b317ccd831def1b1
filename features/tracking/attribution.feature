Feature: Whom an order is credited to
  An order is credited to one advocate by the first way that holds, and everybody can read why.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click
    And Ada is an advocate with the code "ADA2-2026"
    And the shop's Shopify is connected

  Scenario: The friend types the advocate's code, however carelessly
    When Ben orders with the code "ada2 2o26"
    Then the order is credited to Ada by the coupon code
    And the reason reads "The advocate's code ADA2-2026 was typed at checkout."

  Scenario: The reason in the reader's language
    When Ben orders with the code "ada2-2026"
    Then the reason reads "The advocate's code ADA2-2026 was typed at checkout."
    And in German the reason reads "Der Code ADA2-2026 der empfehlenden Person wurde an der Kasse eingegeben."
    And in Finnish the reason reads "Suosittelijan koodi ADA2-2026 kirjoitettiin kassalla."

  Scenario: The friend uses the code of the claimed deal
    Given Ben claimed Ada's deal and got the code "BEN4-4444"
    When Ben orders with the code "ben44444"
    Then the order is credited to Ada by the coupon code
    And the order is tied to Ben's claim

  Scenario: The friend hands the code of the claimed deal on
    Given Ben claimed Ada's deal and got the code "BEN4-4444"
    When Cleo orders with the code "BEN4-4444"
    Then the order is credited to Ada by the coupon code
    And the reason reads "The code BEN4-4444 of the claimed deal was typed at checkout."
    And in German the reason reads "Der Code BEN4-4444 aus dem angenommenen Angebot wurde an der Kasse eingegeben."

  Scenario: The friend comes straight from the claimed deal
    Given Ben claimed Ada's deal and got the code "BEN4-4444"
    When Ben orders, coming straight from the deal
    Then the order is credited to Ada by the signed claim

  Scenario: The friend had tapped the link before
    Given Ben tapped Ada's link
    When Ben orders with the click's mark
    Then the order is credited to Ada by the click

  Scenario: The friend is known by the e-mail of the claim
    Given Ben claimed Ada's deal and got the code "BEN4-4444"
    When Ben orders without any code
    Then the order is credited to Ada by the friend's e-mail

  Scenario: Nothing points at anybody
    When Cleo orders without any code
    Then the order is credited to nobody

  Scenario: The code wins over the click, and the click says why it lost
    Given Ben tapped Ada's link
    And Zoe is an advocate with the code "Z0E5-2026"
    When Ben orders with the code "Z0E5-2026" and the click's mark
    Then the order is credited to Zoe by the coupon code
    And the click did not count because it was "outranked"

  Scenario: A click that is too long ago
    Given Ben tapped Ada's link
    And 31 days pass
    When Ben orders with the click's mark
    Then the order is credited to nobody
    And the reason reads "The link was tapped more than 30 days before the order."
    And the click did not count because it was "out_of_window"

  Scenario: What points to an advocate fails for several reasons
    Given Ben tapped Ada's link
    And Ben claimed Ada's deal and got the code "BEN4-4444"
    And 40 days pass
    When Ben orders with the code "BEN4-4444" and the click's mark
    Then the order is credited to nobody
    And the reason reads "Nothing that points to an advocate on this order counts; each says why."

  Scenario: A deal that has run out
    Given Ben claimed Ada's deal and got the code "BEN4-4444"
    And 40 days pass
    When Ben orders with the code "BEN4-4444"
    Then the order is credited to nobody
    And the coupon code did not count because it was "expired"

  Scenario: A preview of the link is not a click by a person
    Given WhatsApp opened Ada's link
    When Ben orders with the mark of that visit
    Then the order is credited to nobody
    And the click did not count because it was "not_a_person"

  Scenario: Somebody made up a claim
    When Ben orders with a claim that somebody made up
    Then the order is credited to nobody
    And the signed claim did not count because it was "invalid"

  Scenario: The order is faster than the news of the claim
    When Ben orders with the code "BEN4-4444"
    And Ben claimed Ada's deal before and the news of it, with the code "BEN4-4444", arrives late
    Then the order is credited to Ada by the coupon code

  Scenario: The order is faster than the news of the advocate
    When Ben orders with the code "Z0E5-2026"
    And the news arrives that Zoe is an advocate with the code "Z0E5-2026"
    Then the order is credited to Zoe by the coupon code

  Scenario: The order is faster than the news of the programme
    Given Zoe is an advocate with the code "Z0E5-2026" in a programme that is not known yet
    And Ben tapped Zoe's link
    When Ben orders with the click's mark
    And the news arrives that the programme credits orders up to 30 days after a click
    Then the order is credited to Zoe by the click

  Scenario: A code of another offer of the shop
    When Ben orders with the code "SUMMER-20%"
    Then the order is credited to nobody
    And the coupon code did not count because it was "invalid"

  Scenario: The browser still knew the click when the shop's order did not
    Given Ben tapped Ada's link
    When Ben orders without any code, and his browser tells of the click
    Then the order is credited to Ada by the browser's memory

  Scenario: The browser tells of the click before the order arrives
    Given Ben tapped Ada's link
    And Ben's browser tells of the click at the checkout of an order that is not known yet
    When that order of Ben's arrives
    Then the order is credited to Ada by the browser's memory

  Scenario: A deal that is claimed after the order is not what the browser remembered
    Given the tag is on Nordlicht's pages
    When Ben orders without any code
    And 30 minutes later Ben claims Ada's deal, and opens the thank-you page again
    Then the order is credited to nobody
    And the browser's memory did not count because it was "too_late"

  Scenario: The link was tapped at home, and nothing else is left of it
    Given the programme credits a tap from the same address, from now on
    And the tag is on Nordlicht's pages
    And Ben tapped Ada's link
    When Ben orders without any code, and his browser tells of the order and nothing else
    Then the order is credited to Ada by the same address

  Scenario: The link is tapped at home after the order
    Given the programme credits a tap from the same address, from now on
    And the tag is on Nordlicht's pages
    When Ben orders without any code
    And 30 minutes later Ben taps Ada's link, and opens the thank-you page again
    Then the order is credited to nobody
    And the same address did not count because it was "too_late"

  Scenario: A programme decides by a chain of its own
    Given the programme lets the click count before the coupon code, from now on
    And Zoe is an advocate with the code "Z0E5-2026"
    And Ben tapped Ada's link
    When Ben orders with the code "Z0E5-2026" and the click's mark
    Then the order is credited to Ada by the click
    And the coupon code did not count because it was "outranked"
    And the decision names version 2 of the chain

  Scenario: An order that nobody gets says which chain decided so
    Given the programme has the coupon code switched off, from now on
    When Ben orders with the code "ADA2-2026"
    Then the order is credited to nobody
    And the coupon code did not count because it was "switched_off"
    And the decision names version 2 of the chain

  Scenario: A new chain changes nothing that was decided before
    Given Zoe is an advocate with the code "Z0E5-2026"
    And Ben tapped Ada's link
    And Ben ordered with the code "Z0E5-2026" and the click's mark
    When the programme lets the click count before the coupon code, from now on
    Then the order is credited to Zoe by the coupon code

  Scenario: A chain that was to come into force is withdrawn in time
    Given the programme lets the click count before the coupon code, in 2 days
    When the marketer withdraws that chain
    And 3 days pass
    And Ben taps Ada's link, and orders with Zoe's code "Z0E5-2026" and the click's mark
    Then the order is credited to Zoe by the coupon code
    And the decision names version 1 of the chain
    And everybody can read when the chain was withdrawn, and who did it

  Scenario: A chain that has come into force stays
    Given the programme lets the click count before the coupon code, in 2 days
    And 3 days pass
    When the marketer withdraws that chain
    Then the chain stays, because it is "chain_in_force"

  Scenario: A rule between programmes that was to come is withdrawn in time
    Given Zoe is an advocate of another programme, with the code "Z0E5-2026"
    And Ben tapped Ada's link
    And nobody shall have an order that two programmes want, in 2 days
    When the marketer withdraws that rule between programmes
    Then everybody can read when the rule between programmes was withdrawn, and who did it
    And one like it can be set from the same moment on, and withdrawn again
    When 3 days pass
    And Ben orders with the code "Z0E5-2026" and the click's mark
    Then the order is credited to Zoe by the coupon code

  Scenario: A rule between programmes that has come into force stays
    Given Zoe is an advocate of another programme, with the code "Z0E5-2026"
    And Ben tapped Ada's link
    And nobody shall have an order that two programmes want, in 2 days
    And 3 days pass
    When the marketer withdraws that rule between programmes
    Then the rule between programmes stays, because it is "rule_in_force"
    When Ben orders with the code "Z0E5-2026" and the click's mark
    Then the order is credited to nobody

  Scenario: A programme has a chain from the day on which it goes live
    Given another programme is being drafted
    When the marketer drafts a chain for it, sets one, or asks what one would change
    Then each time the answer is "programme_not_live_yet"
    When the other programme goes live
    Then the marketer can set a chain for it

  Scenario: A programme that nobody knows
    Given a programme that nobody knows
    When the marketer drafts a chain for it, sets one, or asks what one would change
    Then each time the answer is "unknown_programme"

  Scenario: A chain that cannot be meant
    When the programme shall use the click twice
    Then the chain is refused as "method_twice", at the method's second place

  Scenario: Nobody gets an order that points at two advocates
    Given the programme credits nobody when several advocates are pointed at, from now on
    And Zoe is an advocate with the code "Z0E5-2026"
    And Ben tapped Ada's link
    When Ben orders with the code "Z0E5-2026" and the click's mark
    Then the order is credited to nobody
    And the click did not count because it was "conflict"

  Scenario: A campaign is credited when nobody recommended the shop
    Given the programme credits the campaign "Spring Sale", from now on
    When Cleo orders, having come through the campaign "spring sale"
    Then the order is credited to the campaign "Spring Sale"

  Scenario: The friend had joined with an advocate's invite code
    Given the programme credits who invited the friend, from now on
    When Ben orders without any code
    And the news arrives that Ben had joined with Ada's invite code
    Then the order is credited to Ada by the invite code

  Scenario: The friend types the advocate's invite code at the checkout
    Given the programme credits who invited the friend, from now on
    And Ada invites friends with the code "J01N-2026"
    When Ben orders with the code "join 2o26"
    Then the order is credited to Ada by the invite code
    And the reason reads "The advocate's invite code J01N-2026 was typed at checkout."

  Scenario: The shop has a field of its own for invite codes
    Given the programme credits who invited the friend, from now on
    And Ada invites friends with the code "J01N-2026"
    When Ben orders with "j01n2026" in the shop's field for invite codes
    Then the order is credited to Ada by the invite code

  Scenario: The order is faster than the news of the invite code
    Given the programme credits who invited the friend, from now on
    When Ben orders without any code, and his browser tells of the code "J01N-2026"
    And the news arrives that Ada invites friends with the code "J01N-2026"
    Then the order is credited to Ada by the invite code
    And the reason reads "The advocate's invite code J01N-2026 was named by the friend's browser at checkout."

  Scenario: The invite code of a campaign
    Given the programme credits who invited the friend, and the campaign "Summer fair", from now on
    And the campaign "Summer fair" invites friends with the code "FA1R-2026"
    When Ben orders with the code "fair2026"
    Then the order is credited to the campaign "Summer fair"

  Scenario: An invite code that has run out
    Given the programme credits who invited the friend, from now on
    And Ada invited friends with the code "J01N-2026" until yesterday
    When Ben orders with the code "J01N-2026"
    Then the order is credited to nobody
    And the invite code did not count because it was "expired"

  Scenario: A person of the shop knows better
    Given Zoe is an advocate with the code "Z0E5-2026"
    And Ben ordered with the code "Z0E5-2026"
    When the marketer credits the order to Ada, because "Ben called: it was Ada."
    Then the order is credited to Ada by hand
    And the coupon code did not count because it was "outranked"
    And everybody can read who said so, and that the reason was "Ben called: it was Ada."

  Scenario: What a person said is taken back
    Given Zoe is an advocate with the code "Z0E5-2026"
    And Ben ordered with the code "Z0E5-2026"
    And the marketer credited the order to Ada, because "Ben called: it was Ada."
    When the marketer takes that back, because "It was another Ben."
    Then the order is credited to Zoe by the coupon code

  Scenario: An order is not credited to somebody that nobody knows
    Given Ben ordered with the code "ADA2-2026"
    When the marketer credits the order to somebody that nobody knows
    Then it is refused as "unknown_advocate"

  Scenario: The friend says who sent them
    Given the programme credits whom the friend names, from now on
    And an advocate is called "Ada Lovelace"
    When Ben orders and names "lovelace, ADA" as the friend who sent him
    Then the order is credited to Ada Lovelace by the name
    And the name is kept nowhere with the order

  Scenario: The friend says who sent them on a page of the shop
    Given the programme credits whom the friend names, from now on
    And an advocate is called "Ada Lovelace"
    And the tag is on Nordlicht's pages
    When Ben orders without any code, and names "lovelace, ADA" on the shop's thank-you page
    Then the order is credited to Ada Lovelace by the name
    And the name is kept nowhere with the order
    And the name is kept nowhere with what the page told

  Scenario: The advocate's personal data is erased
    Given the programme credits whom the friend names, from now on
    And an advocate is called "Ada Lovelace"
    When Ben orders and names "Ada Lovelace" as the friend who sent him
    Then the order is credited to Ada Lovelace by the name
    When Ben orders without any code, and names "Ada Lovelace" on the shop's thank-you page
    Then the order is credited to Ada Lovelace by the name
    When the personal data of Ada Lovelace is erased
    Then nothing that stands for the name is kept with the orders
    And the order is credited to Ada Lovelace by the name

  Scenario: The personal data of one of two advocates with the same name is erased
    Given the programme credits whom the friend names, from now on
    And an advocate is called "Ada Lovelace"
    And another advocate is called "Ada Lovelace"
    When Ben orders and names "Ada Lovelace" as the friend who sent him
    And the personal data of Ada Lovelace is erased
    Then a person has to look at the order, because the name was "ambiguous"
    When the personal data of Another Ada Lovelace is erased
    Then nothing that stands for the name is kept with the orders
    And nobody has to look at any order

  Scenario: Two advocates have the name
    Given the programme credits whom the friend names, from now on
    And an advocate is called "Ada Lovelace"
    And another advocate is called "Ada Lovelace"
    When Ben orders and names "Ada Lovelace" as the friend who sent him
    Then the order is credited to nobody
    And a person has to look at the order, because the name was "ambiguous"
    When the marketer credits the order to Ada, because "Ben called: it was Ada."
    Then nobody has to look at any order

  Scenario: The friend is known by the telephone number of the claim
    Given the programme credits who claimed the deal with the same telephone number, from now on
    And Ben claimed Ada's deal with the number "0151 23456789"
    When Cleo orders with the number "0151 23456789"
    Then the order is credited to Ada by the telephone number
