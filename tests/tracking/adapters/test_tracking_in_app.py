"""Whoever taps a link within an app is a person, whatever the app's own previews call themselves."""

import pytest

from adapters.tracking.crawlers import is_crawler
from tracking.domain.click import Visitor, visitor_of
from tracking.domain.device import device_of

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) {}"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Version/4.0 Chrome/131.0.6778.135 Mobile Safari/537.36 {}"
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) {} Safari/537.36"
ON_IPHONE = [
    "Mobile/15E148",
    "Version/17.5 Mobile/15E148 Safari/604.1",
    "CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1",
    "FxiOS/127.0 Mobile/15E148 Safari/605.1.15",
    "Version/17.5 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15",
    "GSA/322.0.637765952 Mobile/15E148 Safari/604.1",
    "Mobile/15E148 Gmail/6.0.240616",
    "Mobile/15E148 Outlook-iOS/2.0",
    "Mobile/15E148 WhatsApp/2.24.20.78",
    "Mobile/15E148 [WhatsApp/2.24.20.78]",
    "Mobile/15E148 Instagram 331.0.3.29.93 (iPhone15,2; iOS 17_5_1; de_DE; de; scale=3.00; 1179x2556; 602346634)",
    "Mobile/15E148 Instagram 334.0.4.32.98 (iPhone14,5; iOS 17_5; en_US; en; 608726341; IABMV/1) NW/3 Safari/604.1",
    "Mobile/15E148 Barcelona 334.0.4.32.98 (iPhone14,5; iOS 17_5; en_US; en; scale=3.00; 1170x2532; 608726341)",
    "Mobile/15E148 [FBAN/FBIOS;FBAV/465.0.0.32.107;FBBV/602060281;FBDV/iPhone15,2;FBMD/iPhone;FBSN/iOS;FBSV/17.5.1;"
    "FBSS/3;FBID/phone;FBLC/de_DE;FBOP/5;FBRV/604404404;IABMV/1]",
    "Mobile/15E148 [FBAN/MessengerForiOS;FBAV/459.0.0.44.110;FBBV/602396399;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS]",
    "Mobile/15E148 musical_ly_35.2.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/de Region/DE WKWebView/1"
    " BytedanceWebview/d8a21c6 FalconTag/",
    "Mobile/15E148 Safari Line/14.10.0",
    "Mobile/15E148 Snapchat/12.95.0.40 (like Safari/8618.2.12.10.9, panda)",
    "Mobile/15E148 [Pinterest/iOS]",
    "Mobile/15E148 Twitter for iPhone/10.45",
    "Mobile/15E148 [LinkedInApp]/9.29.8960",
    "Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/de",
    "Mobile/15E148 KAKAOTALK 10.8.3",
    "Mobile/15E148 Reddit/2024.23.0",
    "Mobile/15E148 Slack/24.06.10",
    "Mobile/15E148 Bluesky/1.9",
    "Mobile/15E148 Telegram/10.14",
]
ON_ANDROID = [
    "",
    "WhatsApp/2.24.20.78",
    "WhatsAppBusiness/2.24",
    "[WA4A/2.24.20.78]",
    "Instagram 361.0.0.46.88 Android (34/14; 480dpi; 1080x2115; samsung; SM-S911B; dm1q; qcom; de_DE; IABMV/1)",
    "Barcelona 361.0.0.46.88 Android (34/14; 480dpi; 1080x2115; samsung; SM-S911B; dm1q; qcom; de_DE; 674675155)",
    "[FB_IAB/FB4A;FBAV/468.0.0.45.82;IABMV/1;]",
    "[FBAN/EMA;FBLC/de_DE;FBAV/417.0.0.9.64;FBCX/modulariab;]",
    "[FB_IAB/Orca-Android;FBAV/465.0.0.16.111;]",
    "trill_2023501030 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly app_version/35.1.3 ByteLocale/de-DE"
    " Region/DE AppId/1233 Spark/1.5.9.4 AppVersion/35.1.3 BytedanceWebview/d8a21c6",
    "Line/14.10.1/IAB",
    "Snapchat/12.95.0.40 (SM-S911B; Android 14#UP1A.231005.007#34; gzip; )",
    "GSA/15.22.30.28.arm64",
    "Outlook-Android/2.0",
    "[Pinterest/Android]",
    "TwitterAndroid",
    "[LinkedInApp]/4.1.955",
    "XWEB/1260059 MMWEBSDK/20240501 MicroMessenger/8.0.50.2701(0x2800325B) WeChat/arm64 Weixin NetType/WIFI",
    "Telegram-Android/10.14.3 (Samsung SM-S911B; Android 14; SDK 34; HIGH)",
    "Viber/22.6.1.0",
    "KAKAOTALK/10.8.3 (INAPP)",
    "NAVER(inapp; search; 1170; 12.6.11)",
    "Reddit/Version 2024.23.0/Build 1643231/Android 14",
    "Discord-Android/231013",
    "Slack/24.06.10",
    "Mastodon/2.5",
    "Zalo android/240601",
]
ON_COMPUTERS = [
    "Slack/4.38.125 Chrome/124.0.6367.243 Electron/30.1.0",
    "discord/1.0.9152 Chrome/120.0.6099.291 Electron/28.2.10",
    "Teams/24124.2315.2911.3357 Chrome/124 Edg/124.0.2478.97",
    "WhatsApp/2.24 Chrome/124.0.6367.243",
]
PREVIEWS = [
    "WhatsApp/2.24.20.78 A",
    "WhatsApp/2.24.20.78 i",
    "WhatsApp/2.2411.9 N",
    "WhatsApp/2",
    "Mozilla/5.0 (compatible; WhatsApp/2.24)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "facebookexternalhit/1.1;line-poker/1.0",
    "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/",
    "meta-externalfetcher/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1"
    " Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/56.0.2924.87 Safari/537.36"
    " (compatible; Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots)",
    "Instagram 10.26.0 (iPhone7,2; iOS 10_1_1; en_US; en-US; scale=2.00; gamut=normal; 750x1334) AppleWebKit/420+",
    "Viber/13.3.0.22 CFNetwork/1333.0.4 Darwin/21.5.0",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Mastodon/4.2.8 (http.rb/5.1.1; +https://mastodon.social/)",
    "com.apple.WebKit.Networking/8618.2.12 CFNetwork/1496.0.7 Darwin/23.5.0",
    "Dalvik/2.1.0 (Linux; U; Android 14; SM-S911B Build/UP1A)",
]


def who(agent: str) -> Visitor:
    return visitor_of(agent=agent, method="GET", purpose="", is_crawler=is_crawler)


@pytest.mark.parametrize(
    "agent", [*map(IPHONE.format, ON_IPHONE), *map(ANDROID.format, ON_ANDROID), *map(MAC.format, ON_COMPUTERS)]
)
def test_a_person_within_an_app_is_a_person(agent: str) -> None:
    assert who(agent) == "person"


@pytest.mark.parametrize("agent", [*map(IPHONE.format, ON_IPHONE), *map(ANDROID.format, ON_ANDROID)])
def test_and_holds_a_phone(agent: str) -> None:
    assert device_of(agent) == "phone"


@pytest.mark.parametrize("agent", PREVIEWS)
def test_what_apps_fetch_for_themselves_is_a_preview(agent: str) -> None:
    assert who(agent) == "preview"


def test_a_crawler_that_names_an_app_is_still_one() -> None:
    assert who(ANDROID.format("WhatsApp/2.24 Googlebot/2.1")) == "bot"
