___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "TAG",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "Grapevine",
  "categories": [
    "ATTRIBUTION",
    "CONVERSIONS",
    "AFFILIATE_MARKETING"
  ],
  "brand": {
    "id": "brand_dummy",
    "displayName": "Grapevine"
  },
  "description": "Refer-a-friend: tells your own Grapevine about purchases, refunds and sign-ups from a server container. Follows consent mode.",
  "containerContexts": [
    "SERVER"
  ]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "TEXT",
    "name": "host",
    "displayName": "Address of Grapevine",
    "simpleValueType": true,
    "valueHint": "https://refer.example.com",
    "help": "Where your Grapevine answers: its address alone, without a path.",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      },
      {
        "type": "REGEX",
        "args": [
          "^(https://[^/?#]+/?|\\{\\{.+\\}\\})$"
        ],
        "errorMessage": "An address that begins with https:// and has no path, such as https://refer.example.com"
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "key",
    "displayName": "Publishable key",
    "simpleValueType": true,
    "valueHint": "gv_pub_…",
    "help": "From Grapevine, of the kind “publishable”: it can write events and nothing else, so it may stand in your container.",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      },
      {
        "type": "REGEX",
        "args": [
          "^(gv_pub_[0-9A-Za-z_]+|\\{\\{.+\\}\\})$"
        ],
        "errorMessage": "The key begins with gv_pub_. A secret key does not belong here."
      }
    ]
  },
  {
    "type": "SELECT",
    "name": "event",
    "displayName": "Event",
    "macrosInSelect": false,
    "simpleValueType": true,
    "defaultValue": "inherit",
    "selectItems": [
      {
        "value": "inherit",
        "displayValue": "By the name of the incoming event"
      },
      {
        "value": "purchase",
        "displayValue": "Purchase"
      },
      {
        "value": "refund",
        "displayValue": "Refund"
      },
      {
        "value": "sign_up",
        "displayValue": "Sign-up"
      },
      {
        "value": "page",
        "displayValue": "Page view"
      }
    ],
    "help": "page_view, purchase, refund and sign_up are known by their names; other events are told under theirs."
  },
  {
    "type": "RADIO",
    "name": "consent",
    "displayName": "Consent",
    "simpleValueType": true,
    "defaultValue": "event",
    "radioItems": [
      {
        "value": "event",
        "displayValue": "As the incoming event says"
      },
      {
        "value": "granted",
        "displayValue": "This tag only fires with consent",
        "help": "Where your trigger sees to it already."
      }
    ]
  }
]


___SANDBOXED_JS_FOR_SERVER___

// Tells Grapevine one event from a server container. An order has the same id whenever it is told, so it counts once.

const JSON = require('JSON');
const Math = require('Math');
const getCookieValues = require('getCookieValues');
const getEventData = require('getEventData');
const getTimestampMillis = require('getTimestampMillis');
const generateRandom = require('generateRandom');
const makeNumber = require('makeNumber');
const makeString = require('makeString');
const sendHttpRequest = require('sendHttpRequest');
const sha256Sync = require('sha256Sync');

const NAMES = {page_view: 'page', purchase: 'purchase', refund: 'refund', sign_up: 'sign_up'};
const TIMEOUT_MS = 3000;
const LONGEST_TEXT = 200;
const LONGEST_ADDRESS = 2000;
const LONGEST_CODE = 64;
const CURRENCIES = ['EUR', 'CHF', 'DKK', 'NOK', 'SEK', 'GBP', 'USD', 'PLN', 'CZK', 'ISK'];

const two = function(number) {
  return (number < 10 ? '0' : '') + makeString(number);
};

/** RFC 3339 of a time in ms: the sandbox has no Date. Days are counted from 1 March of year 0. */
const timeOf = function(ms) {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86400) + 719468;
  const era = Math.floor(days / 146097);
  const dayOfEra = days - era * 146097;
  const yearOfEra = Math.floor(
      (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const part = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * part + 2) / 5) + 1;
  const month = part < 10 ? part + 3 : part - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const rest = seconds - Math.floor(seconds / 86400) * 86400;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(':');
  return makeString(year) + '-' + two(month) + '-' + two(day) + 'T' + clock + 'Z';
};

const idOf = function(seed) {
  const hex = sha256Sync(seed, {outputEncoding: 'hex'});
  return [hex.slice(0, 8), hex.slice(8, 12), '8' + hex.slice(13, 16), 'a' + hex.slice(17, 20), hex.slice(20, 32)]
      .join('-');
};

/** What the visitor allowed, as Google's tags report it: G1, then ad storage, then analytics storage. */
const consentOf = function() {
  if (data.consent === 'granted') return {ad_storage: 'granted', analytics_storage: 'granted'};
  const said = makeString(getEventData('x-ga-gcs') || '');
  const word = function(letter) {
    return letter === '1' ? 'granted' : 'denied';
  };
  return {ad_storage: word(said.charAt(2)), analytics_storage: word(said.charAt(3))};
};

/** In the digits of its currency; none in a currency that Grapevine does not know: the order counts all the same. */
const valueOf = function(given, currency) {
  const number = makeNumber(given);
  if (number !== number || given === undefined || CURRENCIES.indexOf(currency) < 0) return null;
  const parts = currency === 'ISK' ? 1 : 100;
  return makeString(Math.abs(Math.round(number * parts)) / parts);
};

/** What Grapevine takes of a text; none for nothing. */
const bounded = function(given, longest) {
  return given ? makeString(given).slice(0, longest) : null;
};

const dataOf = function(name, incoming) {
  if (name === 'purchase' || name === 'refund') {
    const coupons = makeString(getEventData('coupon') || '').split(',').map(function(one) {
      return one.trim();
    });
    const currency = makeString(getEventData('currency') || '').toUpperCase();
    const order = {
      order: makeString(getEventData('transaction_id')),
      value: valueOf(getEventData('value'), currency),
      currency: currency.length === 3 ? currency : null,
      coupon: coupons.filter(function(one) {
        return one && one.length <= LONGEST_CODE;
      })
    };
    const friend = name === 'purchase' ? makeString(getEventData('friend_of') || '').trim() : '';
    if (friend) order.friend_of = bounded(friend, LONGEST_TEXT);
    return order;
  }
  if (name === 'sign_up') return {method: bounded(getEventData('method'), LONGEST_TEXT) || ''};
  return name === 'track' ? {event: incoming} : {};
};

const cookie = function(name, allowed) {
  const found = allowed === 'granted' ? getCookieValues(name)[0] : undefined;
  return found === undefined ? null : found;
};

const incoming = makeString(getEventData('event_name') || '');
const name = data.event && data.event !== 'inherit' ? data.event : NAMES[incoming] || 'track';
const order = getEventData('transaction_id');
if ((name === 'purchase' || name === 'refund') && !order) {
  data.gtmOnFailure();
  return;
}

const now = getTimestampMillis();
const once = name === 'purchase' || name === 'refund' ? makeString(order) + makeString(getEventData('value')) :
    makeString(now) + makeString(generateRandom(0, 2147483647)) + makeString(generateRandom(0, 2147483647));
const consent = consentOf();
const event = {
  id: idOf(data.key + name + once),
  name: name,
  at: timeOf(now),
  page: bounded(getEventData('page_location'), LONGEST_ADDRESS),
  referrer: bounded(getEventData('page_referrer'), LONGEST_ADDRESS),
  title: bounded(getEventData('page_title'), LONGEST_TEXT),
  visitor: cookie('gv_visitor', consent.analytics_storage),
  click: cookie('gv_click', consent.ad_storage),
  consent: consent,
  data: dataOf(name, incoming)
};
const headers = {'content-type': 'text/plain'};
const agent = getEventData('user_agent');
if (agent) headers['user-agent'] = agent;
const host = data.host.charAt(data.host.length - 1) === '/' ? data.host.slice(0, -1) : data.host;

sendHttpRequest(host + '/tag/v1/events', {method: 'POST', headers: headers, timeout: TIMEOUT_MS},
    JSON.stringify({key: data.key, sent_at: timeOf(now), events: [event]})).then(function(answer) {
  if (answer.statusCode === 200) {
    data.gtmOnSuccess();
  } else {
    data.gtmOnFailure();
  }
}, function() {
  data.gtmOnFailure();
});


___SERVER_PERMISSIONS___

[
  {
    "instance": {
      "key": {
        "publicId": "read_event_data",
        "versionId": "1"
      },
      "param": [
        {
          "key": "keyPatterns",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "event_name"
              },
              {
                "type": 1,
                "string": "transaction_id"
              },
              {
                "type": 1,
                "string": "value"
              },
              {
                "type": 1,
                "string": "currency"
              },
              {
                "type": 1,
                "string": "coupon"
              },
              {
                "type": 1,
                "string": "friend_of"
              },
              {
                "type": 1,
                "string": "method"
              },
              {
                "type": 1,
                "string": "page_location"
              },
              {
                "type": 1,
                "string": "page_referrer"
              },
              {
                "type": 1,
                "string": "page_title"
              },
              {
                "type": 1,
                "string": "user_agent"
              },
              {
                "type": 1,
                "string": "x-ga-gcs"
              }
            ]
          }
        },
        {
          "key": "eventDataAccess",
          "value": {
            "type": 1,
            "string": "specific"
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "get_cookies",
        "versionId": "1"
      },
      "param": [
        {
          "key": "cookieAccess",
          "value": {
            "type": 1,
            "string": "specific"
          }
        },
        {
          "key": "cookieNames",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "gv_click"
              },
              {
                "type": 1,
                "string": "gv_visitor"
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "send_http",
        "versionId": "1"
      },
      "param": [
        {
          "key": "allowedUrls",
          "value": {
            "type": 1,
            "string": "specific"
          }
        },
        {
          "key": "urls",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "https://*/tag/v1/events"
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  }
]


___TESTS___

scenarios:
- name: Tells a purchase with what was consented to
  code: |-
    runCode(installed);

    assertThat(sent.url).isEqualTo('https://refer.example.com/tag/v1/events');
    assertThat(sent.options.method).isEqualTo('POST');
    assertThat(sent.options.headers['user-agent']).isEqualTo('Mozilla/5.0');
    const told = JSON.parse(sent.body);
    assertThat(told.key).isEqualTo('gv_pub_test');
    const event = told.events[0];
    assertThat(event.name).isEqualTo('purchase');
    assertThat(event.at).isEqualTo('2026-11-27T09:05:07Z');
    assertThat(event.data).isEqualTo({order: '#1001', value: '178.5', currency: 'EUR', coupon: ['ADA2']});
    assertThat(event.consent).isEqualTo({ad_storage: 'granted', analytics_storage: 'granted'});
    assertThat([event.click, event.visitor]).isEqualTo(['cookie gv_click', 'cookie gv_visitor']);
    assertApi('gtmOnSuccess').wasCalled();
- name: Tells whom the buyer named, with a purchase only, and no more of it than Grapevine takes
  code: |-
    incoming.friend_of = ' Ada Lovelace ';
    runCode(installed);
    const named = JSON.parse(sent.body).events[0].data;
    incoming.friend_of = 'Ada ' + '12345678'.split('').map(function() {
      return 'of the very long name, of the very long name, ';
    }).join('');
    runCode(installed);
    const long = JSON.parse(sent.body).events[0].data;
    incoming.event_name = 'refund';
    runCode(installed);
    const refunded = JSON.parse(sent.body).events[0].data;

    assertThat(named.friend_of).isEqualTo('Ada Lovelace');
    assertThat(long.friend_of.length).isEqualTo(200);
    assertThat(refunded.friend_of).isUndefined();
- name: An order is told whatever its currency, its codes and its page are like
  code: |-
    incoming.currency = 'huf';
    incoming.coupon = 'ADA2, ' + '1234567890'.split('').map(function(digit) {
      return 'a code too long';
    }).join(' ') + ',SUMMER';
    incoming.page_title = '1234567890'.split('').map(function(digit) {
      return 'a title that is longer than anybody reads';
    }).join(' ');
    runCode(installed);
    const far = JSON.parse(sent.body).events[0];
    incoming.currency = 'isk';
    runCode(installed);
    const icelandic = JSON.parse(sent.body).events[0];

    assertThat(far.data).isEqualTo({order: '#1001', value: null, currency: 'HUF', coupon: ['ADA2', 'SUMMER']});
    assertThat(far.title.length).isEqualTo(200);
    assertThat([icelandic.data.value, icelandic.data.currency]).isEqualTo(['179', 'ISK']);
- name: Without consent it reads no cookie
  code: |-
    incoming['x-ga-gcs'] = 'G100';

    runCode(installed);

    const event = JSON.parse(sent.body).events[0];
    assertThat([event.click, event.visitor]).isEqualTo([null, null]);
    assertThat(event.consent.ad_storage).isEqualTo('denied');
    assertApi('getCookieValues').wasNotCalled();
- name: Nobody said anything about consent, which is a no
  code: |-
    incoming['x-ga-gcs'] = undefined;

    runCode(installed);

    assertThat(JSON.parse(sent.body).events[0].consent.analytics_storage).isEqualTo('denied');
- name: Where the trigger sees to consent, it is taken at its word
  code: |-
    incoming['x-ga-gcs'] = undefined;

    runCode({host: 'https://refer.example.com/', key: 'gv_pub_test', event: 'inherit', consent: 'granted'});

    assertThat(JSON.parse(sent.body).events[0].click).isEqualTo('cookie gv_click');
    assertThat(sent.url).isEqualTo('https://refer.example.com/tag/v1/events');
- name: The same order has the same id, another one another
  code: |-
    runCode(installed);
    const first = JSON.parse(sent.body).events[0].id;
    mock('getTimestampMillis', 1795770308000);
    runCode(installed);
    const again = JSON.parse(sent.body).events[0].id;
    incoming.transaction_id = '#1002';
    runCode(installed);
    const other = JSON.parse(sent.body).events[0].id;

    assertThat(again).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
    assertThat(first.length).isEqualTo(36);
- name: Page views, sign-ups and others go by their names
  code: |-
    incoming.event_name = 'page_view';
    runCode(installed);
    const page = JSON.parse(sent.body).events[0];
    incoming.event_name = 'sign_up';
    runCode(installed);
    const signUp = JSON.parse(sent.body).events[0];
    incoming.event_name = 'wishlist';
    runCode(installed);
    const other = JSON.parse(sent.body).events[0];

    assertThat([page.name, page.data]).isEqualTo(['page', {}]);
    assertThat(page.page).isEqualTo('https://shop.example/thanks');
    assertThat(page.referrer).isEqualTo('https://shop.example/checkout');
    assertThat(page.title).isEqualTo('Thank you');
    assertThat([signUp.name, signUp.data]).isEqualTo(['sign_up', {method: 'mail'}]);
    assertThat([other.name, other.data]).isEqualTo(['track', {event: 'wishlist'}]);
- name: A purchase without a number is not told
  code: |-
    incoming.transaction_id = undefined;

    runCode(installed);

    assertApi('sendHttpRequest').wasNotCalled();
    assertApi('gtmOnFailure').wasCalled();
- name: Says that it failed when Grapevine refuses, and when it is away
  code: |-
    status = 503;
    runCode(installed);
    assertApi('gtmOnFailure').wasCalled();
    mock('sendHttpRequest', function() {
      return {
        then: function(onAnswer, onSilence) {
          onSilence('timeout');
        }
      };
    });
    runCode(installed);
    assertApi('gtmOnSuccess').wasNotCalled();
- name: Knows leap days and the turn of the year
  code: |-
    mock('getTimestampMillis', 1709164800000);
    runCode(installed);
    assertThat(JSON.parse(sent.body).sent_at).isEqualTo('2024-02-29T00:00:00Z');
    mock('getTimestampMillis', 1735689599000);
    runCode(installed);
    assertThat(JSON.parse(sent.body).sent_at).isEqualTo('2024-12-31T23:59:59Z');
setup: |-
  const JSON = require('JSON');
  const installed = {host: 'https://refer.example.com', key: 'gv_pub_test', event: 'inherit', consent: 'event'};
  const incoming = {
    event_name: 'purchase',
    transaction_id: '#1001',
    value: 178.5,
    currency: 'EUR',
    coupon: 'ADA2',
    method: 'mail',
    page_location: 'https://shop.example/thanks',
    page_referrer: 'https://shop.example/checkout',
    page_title: 'Thank you',
    user_agent: 'Mozilla/5.0',
    'x-ga-gcs': 'G111'
  };
  let status = 200;
  let sent;

  mock('getTimestampMillis', 1795770307000);
  mock('getEventData', function(key) {
    return incoming[key];
  });
  mock('getCookieValues', function(name) {
    return ['cookie ' + name];
  });
  mock('sendHttpRequest', function(url, options, body) {
    sent = {url: url, options: options, body: body};
    return {
      then: function(onAnswer) {
        onAnswer({statusCode: status});
      }
    };
  });


___NOTES___

Its tests run with `make test`, its permissions are compared with what it uses by `make check`.


