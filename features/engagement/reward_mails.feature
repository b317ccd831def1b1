Feature: Mails about rewards
  Whoever earned something hears about it, in their language, with the reason: when it is noted, when
  it is theirs, and when it changes. One mail for one event, never two.

  Background:
    Given the shop Nordlicht gives friends 10 euros off a first order of 40 euros or more
    And Ada, who reads English, is an advocate

  Scenario: A reward is noted
    When Ada's reward of 12.50 euros is noted
    Then Ada gets the mail "Your friend ordered: €12.50 for you"
    And the mail says "final from 6 December 2026"
    And the mail says "The order came through your recommendation."

  Scenario: A reward is approved and issued: one mail
    When Ada's reward of 12.50 euros is approved
    And Ada's reward of 12.50 euros is issued
    Then Ada gets the mail "Your reward of €12.50 is here"
    And the mail says "The return period is over and the order is paid."
    And Ada gets no other mail

  Scenario: A reward shrinks, and the mail says why
    When Ada's reward is reduced from 12.50 to 6.20 euros because part of the order came back
    Then Ada gets the mail "Your reward is now €6.20"
    And the mail says "before: €12.50"
    And the mail says "Part of the order was returned or refunded."

  Scenario: A reward shrinks because the order was changed, and nothing was returned
    When Ada's reward is reduced from 12.50 to 6.20 euros because the order is smaller now
    Then Ada gets the mail "Your reward is now €6.20"
    And the mail says "This is what the order earns as it is now."

  Scenario: A reward lapses
    When Ada's reward of 12.50 euros lapses because the order was cancelled
    Then Ada gets the mail "Your reward of €12.50 lapses"
    And the mail says "The order was cancelled."

  Scenario: A reason that nobody foresaw still reads well
    When Ada's reward of 12.50 euros lapses because of something new
    Then the mail says "It follows from the order and the terms of the programme."

  Scenario: The friend hears too, in the shop's language when none is known
    When Ben's deal of 10 euros is noted
    Then Ben gets the mail "Dein Vorteil ist vorgemerkt: 10,00 €"

  Scenario: The same news twice makes one mail
    When Ada's reward of 12.50 euros is noted
    And the same news arrives again
    Then Ada gets the mail "Your friend ordered: €12.50 for you"
    And Ada gets no other mail

  Scenario: Old news that comes late is not told
    When Ada's reward is reduced from 12.50 to 6.20 euros because part of the order came back
    And Ada gets the mail "Your reward is now €6.20"
    And the news that it was noted at 12.50 euros arrives late
    Then Ada gets no other mail

  Scenario: Somebody without an address gets no mail, and the shop can see why
    Given Cem has no e-mail address
    When Cem's deal of 10 euros is noted
    Then the shop sees that Cem got no mail because there is no address

  Scenario: Names and titles cannot break a mail
    Given Eve calls herself "<b>Eve</b>"
    When Eve's deal of 10 euros is noted
    Then Eve's mail greets her as exactly that
