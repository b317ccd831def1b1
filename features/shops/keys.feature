Feature: API keys
  The retailer's systems work with Grapevine by keys. Each key may do only what it is for, and can be taken away.

  Scenario: A key for one purpose
    When Nora makes a key "Order import" that may only read programmes
    Then the key is shown to her once
    And in the list the key "Order import" appears without its secret

  Scenario: A key does only what it is for
    Given a key "Reports" that may only read about the shop
    When somebody renames the shop with the key "Reports"
    Then they are told that the key is not for this

  Scenario: Nobody can give more than they have
    Given a key "Assistant" that may only read and change the shop
    When somebody with the key "Assistant" makes a key that may change programmes
    Then they are told that nobody can grant what they do not hold themselves

  Scenario: A revoked key opens nothing
    Given a key "Old agency" that may only read about the shop
    And the key "Old agency" is in use
    When Nora revokes the key "Old agency"
    Then the key "Old agency" opens nothing any more
    And the audit log says that the key was revoked

  Scenario: A key for web pages reads and changes nothing
    When Nora makes a key "Thank-you page" for web pages
    Then the key "Thank-you page" shows nobody the shop's details

  Scenario: A key of one shop opens no other shop
    Given a shop "Sydlys" next door
    When the people of "Sydlys" use their key
    Then they see only "Sydlys"
