Feature: Become an advocate
  A customer gets a code and a link, and keeps them.

  Background:
    Given a live programme "give €10, get €10"

  Scenario: Enrolling twice gives the same code
    When Ada enrols twice
    Then she has one code and one link

  Scenario: A code is typed badly
    Given Ada is an advocate
    When somebody looks up Ada's code in small letters, with look-alikes
    Then Ada is found

  Scenario: Nobody is named
    When somebody enrols without reference and e-mail
    Then the enrolment is refused
