"""What the walk through the database lets pass, each with its reason. Longer lists need better reasons."""

from typing import Final

UNPROTECTED_TABLES: Final = {
    "alembic_version": "one row with the schema's version; granted to nobody but the owner",
}
QUEUE_TABLES: Final = {
    "pgqueuer": "the job library's own table: jobs are claimed across shops; a payload names its shop",
    "pgqueuer_log": "the job library's own table: what became of jobs, for its metrics",
    "pgqueuer_schedules": "the job library's own table: schedules belong to no shop",
    "pgqueuer_statistics": "the job library's own table: counters without payloads",
}
KEYS_WITHOUT_SHOP: Final = {
    "shops.shop_slug": "a slug leads to its shop before the shop is known; unique in the installation",
    "shops.key_lookup": "a key's hash leads to its shop before the shop is known",
    "tracking.link_code": "a short link leads to its shop before the shop is known",
    "tracking.link_host": "a host name leads to the shop whose links live on it; one host, one shop",
    "tracking.connection_address": "a webhook's address leads to its shop before the shop is known",
}
WORDS_OF_OTHERS: Final = {
    "tracking.known_reward: state": "copied from referral's facts, which may learn new states before tracking does",
    "tracking.known_reward: side": "copied from referral's facts, which may learn new sides before tracking does",
    "referral.settled_order: method": "copied from tracking's facts, which may learn new methods before referral does",
}
OWNER_FUNCTIONS: Final = {
    "tracking.make_click_partitions()": "only a table's owner can make partitions; takes nothing, makes months ahead",
    "tracking.drop_empty_click_partitions()": "as above; drops old months in which nobody has a row any more",
    "tracking.keep_tag_event_partitions()": "as above; also drops old months in which nobody has an event any more",
}
_QUEUE: Final = {"context ALL": "the job library claims jobs across shops and is given no tenant"}
ALL_SHOPS_POLICIES: Final[dict[str, dict[str, str]]] = {
    # table ("*" in every context) -> "role command" -> reason; roles: context, relay (sweeps), recorder (group commits)
    "*.known_shop": {"relay SELECT": "sweeps and lookups need a shop's slug and clock before they open its work"},
    "*.outbox": {
        "relay SELECT": "the relay reads what it delivers for all shops",
        "relay DELETE": "the nightly purge drops what is older than 30 days",
    },
    "*.delivery": {
        "relay SELECT": "the relay claims what is due, whichever shop's it is",
        "relay INSERT": "the relay gives a fact that failed a delivery of its own",
        "relay UPDATE": "the relay notes tries and parks",
        "relay DELETE": "the relay strikes what was delivered",
    },
    "*.inbox": {
        "relay SELECT": "the nightly purge looks for what is old",
        "relay DELETE": "the nightly purge drops it",
    },
    "*.idempotency_key": {
        "relay SELECT": "the nightly purge looks for what is old",
        "relay DELETE": "the nightly purge drops it",
    },
    "*.pgqueuer": _QUEUE,
    "*.pgqueuer_log": _QUEUE,
    "*.pgqueuer_schedules": _QUEUE,
    "*.pgqueuer_statistics": _QUEUE,
    "shops.shop_slug": {"relay SELECT": "an operator names a shop by its slug"},
    "shops.key_lookup": {"relay SELECT": "a key is found by the hash that the transaction names, and by nothing else"},
    "acquisition.programme": {
        "relay SELECT": "the page's cache asks whether a deal changed, in one query with its shop"
    },
    "acquisition.invite": {"relay SELECT": "which shops have codes that nobody was told of; shop and that only"},
    "acquisition.erased_customer": {"relay SELECT": "the page's cache asks whether somebody was erased; ids only"},
    "engagement.programme": {"relay SELECT": "the unsubscribe page names the programme before a shop's work is opened"},
    "engagement.advocate": {"relay SELECT": "a share's picture is found by its link code before the shop is known"},
    "engagement.message": {
        "relay SELECT": "an operator lists what is parked, without addresses or texts",
        "relay UPDATE": "an operator puts parked messages back",
    },
    "referral.reward": {"relay SELECT": "the approval looks for shops in which something is due"},
    "referral.settled_order": {"relay SELECT": "the approval looks for shops in which something is due and paid"},
    "tracking.link_code": {"relay SELECT": "the redirect finds a link before the shop is known"},
    "tracking.link_path": {"relay SELECT": "a path on a shop's host is found before the shop's work is opened"},
    "tracking.link_host": {"relay SELECT": "a host name leads to its shop before the shop is known"},
    "tracking.shop_domain": {"relay SELECT": "the redirect checks again that a link's destination is the shop's own"},
    "tracking.known_window": {"relay SELECT": "the redirect must know how long a click of the link's programme counts"},
    "tracking.chain": {"relay SELECT": "the redirect must know how long a click of the link's programme counts"},
    "tracking.click": {
        "recorder INSERT": "clicks of all shops are committed in one group; the role can read nothing",
        "relay SELECT": "visits are settled for all shops, by hashes that change daily; no query, no campaign",
        "relay UPDATE": "visits are settled for all shops: which click begins one, and nothing else",
    },
    "tracking.tag_event": {
        "recorder INSERT": "events of all shops are committed in one group",
        "recorder SELECT": "ids only: the answer to the tag says how many of its events were known before",
        "relay SELECT": "shop and due time only: the worker looks for shops whose events wait for it",
    },
    "tracking.tag_refusal": {
        "relay SELECT": "counts of all shops are raised in one statement, which must see the old ones",
        "relay INSERT": "refusals of all shops are written together once a second",
        "relay UPDATE": "refusals of all shops are written together once a second",
    },
    "tracking.connection_address": {"relay SELECT": "a webhook's address leads to its shop"},
    "tracking.upload": {
        "relay SELECT": "the worker looks for stores' files that wait to be read, never at their text",
        "relay UPDATE": "the worker says how long it holds a file",
        "relay DELETE": "files that have ended are dropped after their time",
    },
    "tracking.connection": {
        "relay SELECT": "finds shops whose secrets are still to be sealed; sees that, and no secret"
    },
    "tracking.connection_health": {
        "relay SELECT": "deliveries of all shops are counted in one statement",
        "relay INSERT": "deliveries of all shops are counted in one statement",
        "relay UPDATE": "deliveries of all shops are counted in one statement",
        "relay DELETE": "what is left of connections that are gone is dropped",
    },
    "tracking.connection_day": {
        "relay SELECT": "deliveries of all shops are counted in one statement",
        "relay INSERT": "deliveries of all shops are counted in one statement",
        "relay UPDATE": "deliveries of all shops are counted in one statement",
        "relay DELETE": "counts are dropped after their time",
    },
    "tracking.webhook_delivery": {
        "recorder INSERT": "deliveries of all shops are committed in one group; the role can read nothing",
        "relay SELECT": "the intake finds the shops that have deliveries waiting",
        "relay UPDATE": "the intake claims and settles deliveries of all shops",
        "relay DELETE": "settled deliveries are dropped after their time",
    },
    "tracking.report_hour": {
        "relay SELECT": "the roll-up adds to what all shops have in one statement",
        "relay INSERT": "the roll-up counts all shops in one statement",
        "relay UPDATE": "the roll-up counts all shops in one statement",
        "relay DELETE": "a rebuild clears a shop's figures before it counts again",
    },
    "tracking.report_day": {
        "relay SELECT": "the roll-up adds to what all shops have in one statement",
        "relay INSERT": "the roll-up counts all shops in one statement",
        "relay UPDATE": "the roll-up counts all shops in one statement",
        "relay DELETE": "a rebuild clears a shop's figures before it counts again",
    },
    "tracking.report_advocate_month": {
        "relay SELECT": "the roll-up adds to what all shops have in one statement",
        "relay INSERT": "the roll-up counts all shops in one statement",
        "relay UPDATE": "the roll-up counts all shops in one statement",
        "relay DELETE": "a rebuild clears a shop's figures before it counts again",
    },
    "tracking.report_cohort": {
        "relay SELECT": "the roll-up adds to what all shops have in one statement",
        "relay INSERT": "the roll-up counts all shops in one statement",
        "relay UPDATE": "the roll-up counts all shops in one statement",
        "relay DELETE": "a rebuild clears a shop's figures before it counts again",
    },
    "tracking.report_hour_total": {
        "relay SELECT": "the roll-up adds to what all shops have in one statement",
        "relay INSERT": "the roll-up counts all shops in one statement",
        "relay UPDATE": "the roll-up counts all shops in one statement",
    },
    "tracking.report_buying": {
        "relay SELECT": "the roll-up adds to what all shops have in one statement",
        "relay INSERT": "the roll-up counts all shops in one statement",
        "relay UPDATE": "the roll-up counts all shops in one statement",
    },
    "tracking.no_longer_kept": {
        "relay SELECT": "figures are made again for any shop, but for the months whose clicks its retention deleted"
    },
    "tracking.report_shop": {
        "relay SELECT": "the roll-up adds to what all shops have in one statement",
        "relay INSERT": "the roll-up counts all shops in one statement",
        "relay UPDATE": "the roll-up counts all shops in one statement",
    },
    "tracking.report_counted": {
        "relay SELECT": "the roll-up takes out what a row last added, for all shops at once",
        "relay INSERT": "the roll-up keeps what a row added, for all shops at once",
        "relay UPDATE": "the roll-up keeps what a row added last, for all shops at once",
    },
    "tracking.report_change": {
        "relay SELECT": "the roll-up reads what changed in all shops at once",
        "relay INSERT": "the roll-up notes what waited for a click that came later",
        "relay DELETE": "the roll-up takes the notes it has counted",
    },
    "tracking.report_progress": {
        "relay SELECT": "how far clicks of all shops were counted",
        "relay UPDATE": "how far clicks of all shops were counted",
    },
    "tracking.report_advocate": {
        "relay SELECT": "the roll-up asks when advocates enrolled, for all shops at once",
        "relay INSERT": "a rebuild fills in advocates from before reports were kept",
    },
    "tracking.known_share": {
        "relay SELECT": "the roll-up counts all shops in one statement; ids, times and amounts only",
    },
    "tracking.known_reward": {
        "relay SELECT": "the roll-up counts all shops in one statement; ids, times and amounts only",
    },
    "tracking.known_claim": {
        "relay SELECT": "the roll-up counts all shops in one statement; ids, times and amounts only",
    },
    "tracking.link": {
        "relay SELECT": "the roll-up counts all shops in one statement; ids, times and amounts only",
    },
    "tracking.orders": {
        "relay SELECT": "the roll-up counts orders of all shops; neither their facts nor their buyers",
    },
}
