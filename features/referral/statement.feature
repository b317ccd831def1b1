Feature: Read the statement
  An advocate sees what was earned, when it is approved, and why.

  Background:
    Given a live programme "give €10, get 10 % of the order, at most €25"
    And the minimum order is €40, first orders only, with 14 days of hold
    And Ada is an advocate

  Scenario: Ada reads her statement in German
    When Ben orders for €120 with Ada's code
    And €60 of the order of Ben is returned
    Then Ada's reward is €6.00 and pending
    And Ada's statement says "6,00 €"
    And Ada's statement says "Ein Teil der Bestellung wurde zurückgegeben"
    And Ada's statement says "Wird am"
    And Ada's statement is kept by no cache and no search engine
    And Ada's statement stays as it is while it is read aloud to her

  Scenario: An advocate whose language the shop does not speak
    Given Aino recommends the shop and speaks Finnish
    When Aino, whose browser speaks Finnish best and then English, opens her statement
    Then she reads "Nothing yet"
    When Aino, whose browser speaks Finnish only, opens her statement
    Then she reads "Noch nichts"

  Scenario: An advocate who never said what she speaks
    Given Eve recommends the shop and did not say what she speaks
    When Eve, whose browser speaks English best, opens her statement
    Then she reads "Nothing yet"

  Scenario: Nothing earned yet
    Then Ada's statement says "Noch nichts"

  Scenario: A made-up address opens nothing
    When somebody opens a statement with a made-up address
    Then no statement is shown
