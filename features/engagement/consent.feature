Feature: Consent and unsubscribing
  People decide what they hear from a shop, leave with one click, and stay unheard: suppression beats
  everything. What was allowed when, and how that can be shown, is kept for good.

  Background:
    Given the shop Nordlicht gives friends 10 euros off a first order of 40 euros or more
    And Ada, who reads English, is an advocate

  Scenario: Leaving from a mail
    Given Ada got a mail about a reward
    When Ada follows its unsubscribe link and confirms
    Then she reads "You will get no more e-mails about your rewards at Nordlicht."
    And when Ada earns another reward, she gets no mail because she is suppressed

  Scenario: Opening the link alone changes nothing
    Given Ada got a mail about a reward
    When a mail scanner opens its unsubscribe link
    Then when Ada earns another reward, she gets a mail

  Scenario: Her mail program unsubscribes her with one click
    Given Ada got a mail about a reward
    When her mail program unsubscribes her with one click
    And her mail program unsubscribes her with one click
    Then the shop sees one withdrawal, proven by "one-click"
    And when Ada earns another reward, she gets no mail because she is suppressed

  Scenario: A link that somebody tampered with
    Given Ada got a mail about a reward
    When somebody follows its unsubscribe link with a letter changed
    Then they read that the link does not work

  Scenario: The shop puts an address on the list
    Given the shop suppresses Ada's address, typed as "ADA@Example.com "
    Then when Ada earns another reward, she gets no mail because she is suppressed

  Scenario: The list does not hold addresses
    Given the shop suppresses Ada's address, typed as "ada@example.com"
    Then nothing in the list reads like her address

  Scenario: An address is taken off the list at its owner's wish
    Given the shop suppresses Ada's address, typed as "ada@example.com"
    When the shop takes her address off the list
    Then when Ada earns another reward, she gets a mail

  Scenario: Somebody who left with one click comes back
    Given Ada got a mail about a reward
    When her mail program unsubscribes her with one click
    And the shop takes her address off the list
    And Ada gives her consent to mails about rewards
    Then when Ada earns another reward, she gets a mail

  Scenario: Withdrawn and given again
    When Ada withdraws her consent to mails about rewards
    Then when Ada earns another reward, she gets no mail because she withdrew her consent
    When Ada gives her consent to mails about rewards
    Then when Ada earns another reward, she gets a mail
    And the shop sees both decisions, the newer first
