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
  "description": "Refer-a-friend: tells your own Grapevine about page views, purchases and sign-ups, and carries a friend's code and link to the order. Follows consent mode.",
  "containerContexts": [
    "WEB"
  ]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "SELECT",
    "name": "action",
    "displayName": "What this tag does",
    "macrosInSelect": false,
    "simpleValueType": true,
    "defaultValue": "install",
    "selectItems": [
      {
        "value": "install",
        "displayValue": "Install Grapevine on every page"
      },
      {
        "value": "event",
        "displayValue": "Tell one event"
      }
    ],
    "help": "One tag that installs, on all pages, is enough where the data layer has GA4's purchase and sign_up events."
  },
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
    ],
    "enablingConditions": [
      {
        "paramName": "action",
        "paramValue": "install",
        "type": "EQUALS"
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "key",
    "displayName": "Publishable key",
    "simpleValueType": true,
    "valueHint": "gv_pub_…",
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
    ],
    "enablingConditions": [
      {
        "paramName": "action",
        "paramValue": "install",
        "type": "EQUALS"
      }
    ],
    "help": "From Grapevine, of the kind “publishable”: it can write events and nothing else, so it may stand in your pages."
  },
  {
    "type": "GROUP",
    "name": "reading",
    "displayName": "What it reads",
    "groupStyle": "ZIPPY_CLOSED",
    "enablingConditions": [
      {
        "paramName": "action",
        "paramValue": "install",
        "type": "EQUALS"
      }
    ],
    "subParams": [
      {
        "type": "CHECKBOX",
        "name": "readDataLayer",
        "checkboxText": "Read purchases, refunds and sign-ups from the data layer",
        "simpleValueType": true,
        "defaultValue": true
      },
      {
        "type": "TEXT",
        "name": "dataLayerName",
        "displayName": "Name of the data layer",
        "simpleValueType": true,
        "defaultValue": "dataLayer"
      },
      {
        "type": "CHECKBOX",
        "name": "pageViews",
        "checkboxText": "Count page views",
        "simpleValueType": true,
        "defaultValue": true
      }
    ]
  },
  {
    "type": "RADIO",
    "name": "consent",
    "displayName": "Consent",
    "simpleValueType": true,
    "defaultValue": "tag_manager",
    "radioItems": [
      {
        "value": "tag_manager",
        "displayValue": "As Tag Manager's consent mode says",
        "help": "Where nobody set it, Tag Manager counts everything as granted."
      },
      {
        "value": "shop",
        "displayValue": "As your shop's pages and its settings in Grapevine say"
      }
    ],
    "enablingConditions": [
      {
        "paramName": "action",
        "paramValue": "install",
        "type": "EQUALS"
      }
    ]
  },
  {
    "type": "GROUP",
    "name": "telling",
    "displayName": "What it tells",
    "groupStyle": "NO_ZIPPY",
    "enablingConditions": [
      {
        "paramName": "action",
        "paramValue": "event",
        "type": "EQUALS"
      }
    ],
    "subParams": [
      {
        "type": "SELECT",
        "name": "event",
        "displayName": "Event",
        "macrosInSelect": false,
        "simpleValueType": true,
        "defaultValue": "purchase",
        "selectItems": [
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
            "value": "share",
            "displayValue": "Share"
          },
          {
            "value": "identify",
            "displayValue": "Identify the customer"
          },
          {
            "value": "page",
            "displayValue": "Page view"
          },
          {
            "value": "track",
            "displayValue": "Anything else, by a name of your own"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "order",
        "displayName": "Order number",
        "simpleValueType": true,
        "enablingConditions": [
          {
            "paramName": "event",
            "paramValue": "purchase",
            "type": "EQUALS"
          },
          {
            "paramName": "event",
            "paramValue": "refund",
            "type": "EQUALS"
          }
        ],
        "help": "As the shop's platform has it."
      },
      {
        "type": "TEXT",
        "name": "value",
        "displayName": "Value",
        "simpleValueType": true,
        "enablingConditions": [
          {
            "paramName": "event",
            "paramValue": "purchase",
            "type": "EQUALS"
          },
          {
            "paramName": "event",
            "paramValue": "refund",
            "type": "EQUALS"
          }
        ],
        "valueHint": "178.50",
        "help": "What the order came to. Rewards go by what your shop's platform says, not by this."
      },
      {
        "type": "TEXT",
        "name": "currency",
        "displayName": "Currency",
        "simpleValueType": true,
        "enablingConditions": [
          {
            "paramName": "event",
            "paramValue": "purchase",
            "type": "EQUALS"
          },
          {
            "paramName": "event",
            "paramValue": "refund",
            "type": "EQUALS"
          }
        ],
        "valueHint": "EUR",
        "help": "Three letters. Without it the value is left out."
      },
      {
        "type": "TEXT",
        "name": "coupon",
        "displayName": "Discount code",
        "simpleValueType": true,
        "enablingConditions": [
          {
            "paramName": "event",
            "paramValue": "purchase",
            "type": "EQUALS"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "friendOf",
        "displayName": "Whom the buyer named",
        "simpleValueType": true,
        "enablingConditions": [
          {
            "paramName": "event",
            "paramValue": "purchase",
            "type": "EQUALS"
          }
        ],
        "valueHint": "Ada Lovelace",
        "help": "Where your checkout asks who sent the buyer: a variable with the answer. Grapevine looks whose friend that is and does not keep the name."
      },
      {
        "type": "TEXT",
        "name": "method",
        "displayName": "How they signed up",
        "simpleValueType": true,
        "enablingConditions": [
          {
            "paramName": "event",
            "paramValue": "sign_up",
            "type": "EQUALS"
          }
        ],
        "valueHint": "newsletter"
      },
      {
        "type": "TEXT",
        "name": "channel",
        "displayName": "Channel",
        "simpleValueType": true,
        "enablingConditions": [
          {
            "paramName": "event",
            "paramValue": "share",
            "type": "EQUALS"
          }
        ],
        "valueHint": "whatsapp"
      },
      {
        "type": "TEXT",
        "name": "token",
        "displayName": "Signed token",
        "simpleValueType": true,
        "enablingConditions": [
          {
            "paramName": "event",
            "paramValue": "identify",
            "type": "EQUALS"
          }
        ],
        "help": "Made by your server with the identify secret."
      },
      {
        "type": "TEXT",
        "name": "name",
        "displayName": "Name of the event",
        "simpleValueType": true,
        "enablingConditions": [
          {
            "paramName": "event",
            "paramValue": "track",
            "type": "EQUALS"
          }
        ]
      },
      {
        "type": "SIMPLE_TABLE",
        "name": "details",
        "displayName": "Details",
        "enablingConditions": [
          {
            "paramName": "event",
            "paramValue": "track",
            "type": "EQUALS"
          }
        ],
        "simpleTableColumns": [
          {
            "name": "name",
            "displayName": "Name",
            "type": "TEXT",
            "defaultValue": ""
          },
          {
            "name": "value",
            "displayName": "Value",
            "type": "TEXT",
            "defaultValue": ""
          }
        ]
      }
    ]
  }
]


___SANDBOXED_JS_FOR_WEB_TEMPLATE___

// Puts commands into Grapevine's queue, which waits for the script, and has Tag Manager load the script once.

const addConsentListener = require('addConsentListener');
const callInWindow = require('callInWindow');
const copyFromWindow = require('copyFromWindow');
const createArgumentsQueue = require('createArgumentsQueue');
const injectScript = require('injectScript');
const isConsentGranted = require('isConsentGranted');

const TYPES = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'];

const tell = function(command, first, second) {
  if (!copyFromWindow('grapevine')) createArgumentsQueue('grapevine', 'grapevine.q');
  callInWindow('grapevine', command, first, second);
};

const wordFor = function(granted) {
  return granted ? 'granted' : 'denied';
};

/** Says what holds now, and passes on what the visitor decides later. */
const passConsentOn = function() {
  const state = {};
  const allowed = {};
  let denied = false;
  TYPES.forEach(function(type) {
    state[type] = wordFor(isConsentGranted(type));
    if (state[type] === 'granted') allowed[type] = 'granted';
    else denied = true;
    addConsentListener(type, function(changed, granted) {
      const update = {};
      update[changed] = wordFor(granted);
      tell('consent', 'update', update);
    });
  });
  tell('consent', 'default', state);
  // A yes beside a no is newer than the page's own default, which the data layer still holds. Where everything is
  // granted, consent mode may not be set yet, and a default that denies is still to come.
  if (denied) tell('consent', 'update', allowed);
};

const withoutSlash = function(address) {
  return address.charAt(address.length - 1) === '/' ? address.slice(0, -1) : address;
};

const install = function() {
  const host = withoutSlash(data.host);
  if (data.consent !== 'shop') passConsentOn();
  tell('init', {
    key: data.key,
    host: host,
    data_layer: data.readDataLayer === false ? false : data.dataLayerName || 'dataLayer',
    page: data.pageViews !== false
  });
  injectScript(host + '/tag/grapevine.js', data.gtmOnSuccess, data.gtmOnFailure, 'grapevine');
};

const tellEvent = function() {
  if (data.event === 'purchase' || data.event === 'refund') {
    const order = {order: data.order, value: data.value, currency: data.currency, coupon: data.coupon};
    if (data.event === 'purchase' && data.friendOf) order.friend_of = data.friendOf;
    tell(data.event, order);
  } else if (data.event === 'sign_up') {
    tell('sign_up', {method: data.method});
  } else if (data.event === 'share') {
    tell('share', {channel: data.channel});
  } else if (data.event === 'identify') {
    tell('identify', data.token);
  } else if (data.event === 'track') {
    const details = {};
    (data.details || []).forEach(function(row) {
      details[row.name] = row.value;
    });
    tell('track', data.name, details);
  } else {
    tell('page');
  }
  data.gtmOnSuccess();
};

if (data.action === 'event') {
  tellEvent();
} else {
  install();
}


___WEB_PERMISSIONS___

[
  {
    "instance": {
      "key": {
        "publicId": "access_globals",
        "versionId": "1"
      },
      "param": [
        {
          "key": "keys",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "grapevine"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "grapevine.q"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
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
        "publicId": "inject_script",
        "versionId": "1"
      },
      "param": [
        {
          "key": "urls",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "https://*/tag/grapevine.js"
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
        "publicId": "access_consent",
        "versionId": "1"
      },
      "param": [
        {
          "key": "consentTypes",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "analytics_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_user_data"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_personalization"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
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
- name: Installs the script once, from the shop's own Grapevine
  code: |-
    runCode(installed);

    assertApi('createArgumentsQueue').wasCalledWith('grapevine', 'grapevine.q');
    assertThat(injected).isEqualTo('https://refer.example.com/tag/grapevine.js');
    assertThat(cacheToken).isEqualTo('grapevine');
    assertThat(commands[1]).isEqualTo(['init', {
      key: 'gv_pub_test',
      host: 'https://refer.example.com',
      data_layer: 'dataLayer',
      page: true
    }, undefined]);
    assertApi('gtmOnSuccess').wasCalled();
    assertApi('gtmOnFailure').wasNotCalled();
- name: A slash at the end of the address does no harm
  code: |-
    runCode({action: 'install', host: 'https://shop.example/', key: 'gv_pub_test', consent: 'shop'});

    assertThat(injected).isEqualTo('https://shop.example/tag/grapevine.js');
- name: Says that it failed when the script does not come
  code: |-
    mock('injectScript', function(url, onSuccess, onFailure) {
      onFailure();
    });

    runCode(installed);

    assertApi('gtmOnFailure').wasCalled();
    assertApi('gtmOnSuccess').wasNotCalled();
- name: Passes on what consent mode says, now and later
  code: |-
    mock('isConsentGranted', function(type) {
      return type === 'analytics_storage';
    });

    runCode(installed);

    assertThat(commands[0]).isEqualTo(['consent', 'default', {
      ad_storage: 'denied',
      analytics_storage: 'granted',
      ad_user_data: 'denied',
      ad_personalization: 'denied'
    }]);
    assertThat(commands[1]).isEqualTo(['consent', 'update', {analytics_storage: 'granted'}]);
    listeners.ad_storage('ad_storage', true);
    assertThat(commands[commands.length - 1]).isEqualTo(['consent', 'update', {ad_storage: 'granted'}]);
- name: Takes nothing for the visitor's yes where consent mode may not be set yet
  code: |-
    mock('isConsentGranted', function() {
      return true;
    });

    runCode(installed);

    assertThat(commands[0][1]).isEqualTo('default');
    assertThat(commands[1][0]).isEqualTo('init');
- name: Leaves consent to the shop where the shop says so
  code: |-
    runCode({action: 'install', host: 'https://refer.example.com', key: 'gv_pub_test', consent: 'shop'});

    assertApi('isConsentGranted').wasNotCalled();
    assertThat(commands[0][0]).isEqualTo('init');
- name: Does not read what it is told not to read
  code: |-
    runCode({
      action: 'install',
      host: 'https://refer.example.com',
      key: 'gv_pub_test',
      consent: 'shop',
      readDataLayer: false,
      pageViews: false
    });

    assertThat(commands[0][1].data_layer).isEqualTo(false);
    assertThat(commands[0][1].page).isEqualTo(false);
- name: Tells a purchase
  code: |-
    runCode({action: 'event', event: 'purchase', order: '#1001', value: '178.50', currency: 'EUR', coupon: 'ADA2'});

    assertThat(commands).isEqualTo([
      ['purchase', {order: '#1001', value: '178.50', currency: 'EUR', coupon: 'ADA2'}, undefined]
    ]);
    assertApi('injectScript').wasNotCalled();
    assertApi('gtmOnSuccess').wasCalled();
- name: Tells whom the buyer named, with a purchase only
  code: |-
    runCode({action: 'event', event: 'purchase', order: '#1001', friendOf: 'Ada Lovelace'});
    runCode({action: 'event', event: 'refund', order: '#1001', friendOf: 'Ada Lovelace'});
    runCode({action: 'event', event: 'purchase', order: '#1002', friendOf: ''});

    assertThat(commands[0][1].friend_of).isEqualTo('Ada Lovelace');
    assertThat(commands[1][1].friend_of).isUndefined();
    assertThat(commands[2][1].friend_of).isUndefined();
- name: Tells an event by a name of its own, with its details
  code: |-
    runCode({action: 'event', event: 'track', name: 'wishlist', details: [{name: 'lamp', value: 'Fjell'}]});

    assertThat(commands).isEqualTo([['track', 'wishlist', {lamp: 'Fjell'}]]);
- name: Tells the other events
  code: |-
    runCode({action: 'event', event: 'sign_up', method: 'mail'});
    runCode({action: 'event', event: 'share', channel: 'whatsapp'});
    runCode({action: 'event', event: 'identify', token: 'a.b.c'});
    runCode({action: 'event', event: 'refund', order: '#1001'});
    runCode({action: 'event', event: 'page'});

    const names = commands.map(function(command) {
      return command[0];
    });
    assertThat(names).isEqualTo(['sign_up', 'share', 'identify', 'refund', 'page']);
    assertThat(commands[2][1]).isEqualTo('a.b.c');
- name: Uses the queue that is there
  code: |-
    mock('copyFromWindow', function() {
      return function() {};
    });

    runCode({action: 'event', event: 'page'});

    assertApi('createArgumentsQueue').wasNotCalled();
    assertThat(commands.length).isEqualTo(1);
setup: |-
  const installed = {
    action: 'install',
    host: 'https://refer.example.com',
    key: 'gv_pub_test',
    readDataLayer: true,
    dataLayerName: 'dataLayer',
    pageViews: true,
    consent: 'tag_manager'
  };
  const commands = [];
  const listeners = {};
  let injected;
  let cacheToken;

  mock('copyFromWindow', undefined);
  mock('createArgumentsQueue', undefined);
  mock('isConsentGranted', true);
  mock('callInWindow', function(name, command, first, second) {
    commands.push([command, first, second]);
  });
  mock('addConsentListener', function(type, listener) {
    listeners[type] = listener;
  });
  mock('injectScript', function(url, onSuccess, onFailure, token) {
    injected = url;
    cacheToken = token;
    onSuccess();
  });


___NOTES___

Its tests run with `make test`, its permissions are compared with what it uses by `make check`.


