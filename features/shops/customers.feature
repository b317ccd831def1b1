Feature: Customers
  A shop's customers are recognised wherever they appear, whether as guests or with an account, and however they
  spell their address. What is known of them is kept in one place, and goes when they ask.

  Scenario: A guest opens an account
    Given Ada bought as a guest with "a.da@gmail.com"
    When the shop reports its customer "1042" with "ada+shop@googlemail.com"
    Then both are the same customer

  Scenario: A customer buys as a guest
    Given the shop's customer "1042" has the address "ada@example.com"
    When somebody called "Mallory" buys as a guest with "ADA@example.com"
    Then both are the same customer
    And the customer "1042" is not called "Mallory"

  Scenario: A customer moves to another address
    Given the shop's customer "1042" has the address "ada@example.com"
    When the shop reports its customer "1042" with "countess@example.com"
    Then both are the same customer
    And the customer "1042" is reached at "countess@example.com"

  Scenario: Two accounts of one person
    Given the shop's customer "1042" has the address "ada@example.com"
    When the shop reports its customer "1043" with "Ada@Example.com"
    Then they are two customers but one person

  Scenario: Two people
    Given the shop's customer "1042" has the address "ada@example.com"
    When the shop reports its customer "1043" with "ben@example.com"
    Then they are two customers and two people

  Scenario: A name in any script
    When the shop reports its customer "7" called "Zoë 🌸 العربية"
    Then the customer "7" is called "Zoë 🌸 العربية"

  Scenario: An address that is none
    When somebody types "ada at example" as their address
    Then they are told that this is not an e-mail address

  Scenario: A customer asks to be forgotten
    Given the shop's customer "1042" has the address "ada@example.com"
    When the customer "1042" asks to be forgotten
    Then nothing is known of that customer any more
    And the audit log says that a customer was erased, and names nobody
    And whoever comes with "ada@example.com" is somebody new

  Scenario: One shop's customers are unknown to another
    Given a shop "Sydlys" next door
    And the shop's customer "1042" has the address "ada@example.com"
    Then the people of "Sydlys" find no such customer
    And Ada is another person at "Sydlys"
