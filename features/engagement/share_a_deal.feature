Feature: Share a deal
  An advocate passes the deal on where they talk anyway: every channel comes with a text in their
  language and opens with one tap, so that nobody has to write or copy anything.

  Background:
    Given the shop Nordlicht gives friends 10 euros off a first order of 40 euros or more
    And Ada is an advocate

  Scenario: Every channel is ready in the shop's language
    When Ada asks for something to share
    Then she can share natively and by e-mail, SMS, WhatsApp, Facebook, Messenger, X, copying and QR code
    And the deal reads "10 € Rabatt"
    And its conditions read "Für deine erste Bestellung ab 40 €."
    And WhatsApp opens with "Mit meinem Link bekommst du 10 € Rabatt"

  Scenario Outline: The texts speak the advocate's language
    When Ada asks for something to share in "<language>"
    Then the deal reads "<deal>"
    And no text is left in English

    Examples:
      | language | deal             |
      | de       | 10 € Rabatt      |
      | nl       | € 10 korting     |
      | fr       | 10 € de réduction |
      | it       | 10 € di sconto   |
      | da       | 10 € rabat       |
      | fi       | 10 € alennus     |
      | nb       | 10 € rabatt      |
      | sv       | 10 € rabatt      |

  Scenario: Each channel can be told apart afterwards
    When Ada asks for something to share
    Then the link of every channel names its channel

  Scenario: An advocate finds her own words
    When Ada wants to say "Tee & Kaffee? 100 % lecker! ☕" instead
    Then WhatsApp opens with "Tee & Kaffee? 100 % lecker! ☕"
    And the e-mail opens with "Tee & Kaffee? 100 % lecker! ☕"

  Scenario: Own words cannot be empty
    When Ada wants to say "   " instead
    Then she is told that the text is empty

  Scenario: Advertising says that it is advertising where the country asks for it
    When Ada asks for something to share
    Then every text says "Werbung: Wenn du bestellst, erhalte ich von Nordlicht eine Prämie."

  Scenario: A picture to scan
    When Ben scans Ada's QR code
    Then he sees Ada's link
    And the picture may be kept by caches

  Scenario: Nobody gets a QR code for a link that does not exist
    When Ben asks for the QR code of a made-up link
    Then he is told that there is no such link

  Scenario: A paused programme has nothing to share
    Given the programme is paused
    When Ada asks for something to share
    Then she is told that the programme is not live

  Scenario: A late repetition of old terms changes nothing
    Given the programme is paused
    But the news that it was live arrives once more
    When Ada asks for something to share
    Then she is told that the programme is not live

  Scenario: Sharing is counted
    When Ada shares by WhatsApp
    Then the share is counted for WhatsApp

  Scenario: Only advocates share
    When somebody who is no advocate shares by WhatsApp
    Then they are told that there is no such advocate
