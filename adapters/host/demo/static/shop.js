// Makes pages that work without it a little quicker: copy, the share sheet, and a counter that looks for news.
"use strict";

const report = (channel) => {
  navigator.sendBeacon(location.pathname.replace(/\/$/, "") + "/shared", channel);
  window.grapevine?.("share", { channel });
};

const asked = document.querySelector("[data-consent]");
for (const button of document.querySelectorAll("[data-choice]")) {
  button.addEventListener("click", () => {
    const { choice } = button.dataset;
    document.cookie = `nordlicht_consent=${choice}; Path=/demo; Max-Age=15552000; SameSite=Lax`;
    gtag("consent", "update", consentOf(choice));
    asked.hidden = true;
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    report("copy");
  });
}

for (const button of document.querySelectorAll("[data-native]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const { title, text, url } = button.dataset;
    try {
      await navigator.share({ title, text, url });
      report("native");
    } catch (cause) {
      if (cause.name !== "AbortError") throw cause;
    }
  });
}

for (const link of document.querySelectorAll("a[data-channel]")) {
  link.addEventListener("click", () => report(link.dataset.channel));
}

for (const link of document.querySelectorAll("[data-reload]")) {
  link.addEventListener("click", () => location.reload());
}

const live = document.querySelector("[data-live]");
if (live) {
  const look = async () => {
    try {
      const answer = await fetch(location.pathname);
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("[data-live]");
        if (!live.contains(document.activeElement) && fresh.innerHTML !== live.innerHTML) {
          live.innerHTML = fresh.innerHTML;
        }
      }
    } catch {
      // The shop is away for a moment: look again later.
    }
    if (!document.hidden) setTimeout(look, 1500);
  };
  setTimeout(look, 500);
  document.addEventListener("visibilitychange", () => document.hidden || look());
}
