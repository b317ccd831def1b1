Feature: Orders of physical stores
  A till writes a file in the evening; the shop uploads it. What is well is taken, what is not is said entry by entry.

  Background:
    Given Nordlicht runs a programme that credits orders up to 30 days after a click
    And Ada is an advocate with the code "ADA2-2026"

  Scenario: A file of a till in the city centre
    When the shop uploads this file
      """
      Filiale;Bonnummer;Datum;Gesamtbetrag;MwSt;Gutscheincode;E-Mail
      Mitte;1001;20.11.2026 14:05;1.119,00;178,66;ADA2-2026;ben@example.com
      Mitte;1002;20.11.2026 15:10;80,00;12,77;;
      """
    Then 2 entries are taken and none is refused
    And the store's order "Mitte/1001" of 1119.00 euros is credited to Ada

  Scenario: Some entries are wrong
    When the shop uploads this file
      """
      order,date,total,currency
      1001,2026-11-20,80.00,EUR
      1002,2026-02-31,80.00,EUR
      1003,2026-11-20,eighty,EUR
      1004,2026-11-20,80.00,USD
      """
    Then 1 entry is taken and 3 are refused
    And entry 3 is refused because of "date": "bad_date"
    And entry 4 is refused because of "total": "bad_amount"
    And entry 5 is refused because of "currency": "currency_mismatch"
    And the refused entries can be downloaded as a file

  Scenario: The same file again
    Given the shop uploaded a file with 3 orders
    When the shop uploads the same file again
    Then it is told that the file was uploaded before
    And the store has 3 orders

  Scenario: The same orders in another file
    Given the shop uploaded a file with 3 orders
    When the shop uploads a file with these and 2 more orders
    Then the store has 5 orders
    And each of them was told once

  Scenario: A corrected entry in a later file
    Given the shop uploaded a file with 3 orders
    When the shop uploads a file in which the first order came to 95.00 euros
    Then the store's first order came to 95.00 euros

  Scenario: A return at the till
    When the shop uploads this file
      """
      order;date;type;total;refund
      1001;2026-11-20;sale;80,00;
      1001;2026-11-21;refund;30,00;R-7
      1001;2026-11-21;refund;30,00;R-7
      """
    Then 50.00 euros of the store's order "store/1001" are left

  Scenario: A receipt of several items
    When the shop uploads this file
      """
      order;date;item;quantity;amount;discount;tax
      1001;2026-11-20;LAMP;2;100,00;10,00;14,37
      1001;2026-11-20;BULB;3;9,00;;1,44
      1002;2026-11-20;BULB;1;3,00;;0,48
      """
    Then 3 entries are taken and none is refused
    And the store's order "store/1001" of 99.00 euros has 2 lines

  Scenario: What was scanned piece by piece comes back
    When the shop uploads this file
      """
      order;date;type;item;quantity;amount;refund
      1001;2026-11-20;sale;LAMP;1;40,00;
      1001;2026-11-20;sale;BULB;1;5,00;
      1001;2026-11-20;sale;LAMP;1;40,00;
      1001;2026-11-20;sale;LAMP;1;40,00;
      1001;2026-11-21;refund;LAMP;2;80,00;R-7
      """
    Then 5 entries are taken and none is refused
    And the store's order "store/1001" of 125.00 euros has 2 lines
    And 45.00 euros of the store's order "store/1001" are left

  Scenario: Two entries say different things of one receipt
    When the shop uploads this file
      """
      order;date;total
      1001;2026-11-20;80,00
      1001;2026-11-20;35,00
      1002;2026-11-20;20,00
      1002;2026-11-20;20,00
      """
    Then 2 entries are taken and 2 are refused
    And entry 2 is refused because of "order": "order_twice"
    And entry 3 is refused because of "order": "order_twice"
    And the store has 1 order

  Scenario: A till writes the receipt and its items
    When the shop uploads this file
      """
      order;date;item;amount;code
      1001;2026-11-20;;99,00;ADA2-2026
      1001;2026-11-20;LAMP;90,00;
      1001;2026-11-20;BULB;9,00;
      """
    Then 3 entries are taken and none is refused
    And the store's order "store/1001" of 99.00 euros has 2 lines
    And the store's order "store/1001" of 99.00 euros is credited to Ada

  Scenario: A try first
    When the shop tries a file with 3 orders, of which one is wrong
    Then 2 entries are taken and 1 is refused
    And the store has no orders

  Scenario: A file without the order's number
    When the shop uploads this file
      """
      datum;total
      2026-11-20;80,00
      """
    Then the file is refused as "column_missing"

  Scenario: A cell that is a formula
    When the shop uploads this file
      """
      order;date;total
      =HYPERLINK("http://evil.example");2026-11-20;80,00
      """
    Then entry 2 is refused because of "order": "formula_refused"
    And the file of refused entries holds no formula
