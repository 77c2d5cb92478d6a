// Comforts only: every act works without this file.
(() => {
  "use strict";

  // The demo's sign-in page sends itself.
  for (const form of document.querySelectorAll("form[data-autosubmit]")) form.requestSubmit();

  // What needs a script is offered only where one runs.
  for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;

  // A password can be looked at while it is typed; it is sent as a password all the same.
  for (const field of document.querySelectorAll('input[type="password"]')) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-small", textContent: "Show password" });
    const show = (shown) => {
      field.type = shown ? "text" : "password";
      field.toggleAttribute("data-shown", shown);
      button.setAttribute("aria-pressed", shown);
    };
    show(false);
    button.addEventListener("click", () => show(field.type === "password"));
    field.form.addEventListener("submit", () => show(false));
    field.after(button);
  }

  // A letter that somebody has before them notes so by itself; without this file its button does.
  for (const form of document.querySelectorAll("form[data-sent-when-seen]")) {
    const send = async () => {
      if (document.visibilityState !== "visible") return;
      document.removeEventListener("visibilitychange", send);
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.ok) form.hidden = true;
    };
    document.addEventListener("visibilitychange", send);
    send();
  }

  // What the rules say of a form while it is being filled in: the server's own words, a moment after the last key.
  for (const form of document.querySelectorAll("form[data-live]")) {
    const place = document.querySelector(form.dataset.liveInto);
    let waiting, asked;
    const ask = async () => {
      asked?.abort();
      asked = new AbortController();
      try {
        const answer = await fetch(form.dataset.live, { method: "POST", body: new FormData(form), signal: asked.signal });
        if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
      } catch { /* typed on meanwhile, or no line: what stood there stays, and the button works it out */ }
    };
    form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 400); });
  }

  // What was typed and not sent is there again after Back, a reload or a broken line: in this tab, for this person, until it is
  // sent and taken. Signing out forgets it.
  const person = document.body.dataset.person;
  const mine = (key) => key.startsWith(`typed:${person}:`);
  const each = (act) => Object.keys(sessionStorage).filter((key) => key.startsWith("typed:")).forEach(act);
  if (person) each((key) => { if (!mine(key)) sessionStorage.removeItem(key); });
  if (document.querySelector(".messages .good")) each((key) => { if (JSON.parse(sessionStorage[key]).sent) sessionStorage.removeItem(key); });
  for (const form of document.querySelectorAll('form[action*="logout"]')) form.addEventListener("submit", () => each((key) => sessionStorage.removeItem(key)));
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const key = `typed:${person}:${location.pathname}`;
    const fields = [...form.elements].filter((one) => one.name && !["hidden", "password", "file", "submit"].includes(one.type));
    const note = (sent) => { sessionStorage[key] = JSON.stringify({ sent, typed: fields.map((one) => [one.value, one.checked]) }); };
    const kept = sessionStorage[key] && JSON.parse(sessionStorage[key]);
    if (document.querySelector("#error-summary")) sessionStorage.removeItem(key);
    else if (kept && kept.typed.length === fields.length && fields.some((one, n) => one.type === "radio" || one.type === "checkbox" ? one.checked !== kept.typed[n][1] : one.value !== kept.typed[n][0])) {
      fields.forEach((one, n) => { if (one.type === "radio" || one.type === "checkbox") one.checked = kept.typed[n][1]; else one.value = kept.typed[n][0]; });
      form.prepend(Object.assign(document.createElement("p"), { className: "note", textContent: "What you had typed is here again. It is not saved yet." }));
    }
    form.addEventListener("input", () => note(false));
    form.addEventListener("submit", () => note(true));
  }

  // Copy a reference.
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 3000);
    });
  }

  // Keep "3 days 4 hours left" true while the page stays open. The server's moment plus the time since then:
  // whether the reader's own clock is right does not matter. The words are those of entitlements/wording.py.
  const opened = Date.now();
  const counted = (count, noun) => (count ? `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}` : "");
  const twoUnits = (milliseconds) => {
    const all = Math.floor(milliseconds / 60000);
    const days = Math.floor(all / 1440), hours = Math.floor(all / 60) % 24, minutes = all % 60;
    const parts = days ? [counted(days, "day"), counted(hours, "hour")] : [counted(hours, "hour"), counted(minutes, "minute")];
    return parts.filter(Boolean).join(" ") || "less than a minute";
  };
  const refresh = () => {
    for (const place of document.querySelectorAll("[data-distance]")) {
      const left = Date.parse(place.dataset.distance) - Date.parse(place.dataset.now) - (Date.now() - opened);
      const words = left > 0 ? `${twoUnits(left)} left` : `closed ${twoUnits(-left)} ago`;
      if (place.textContent !== words) place.textContent = words;
    }
  };
  if (document.querySelector("[data-distance]")) setInterval(refresh, 20000);

  // Five minutes before an idle session ends, say so; one key (the button has the focus) goes on, as often as one likes.
  const idle = document.querySelector("#idle");
  if (idle) {
    const WARNING = 300000;
    let began = Date.now();
    const left = () => Number(idle.dataset.idleSeconds) * 1000 - (Date.now() - began);
    const look = () => {
      if (left() > WARNING) return;
      idle.querySelector("[data-idle-left]").textContent = twoUnits(Math.max(left(), 0));
      if (!idle.hidden) return;
      idle.hidden = false;
      idle.querySelector("button").focus();
    };
    idle.addEventListener("submit", async (event) => {
      event.preventDefault();
      const form = event.target;
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
      if (answer.status !== 204) { location.reload(); return; }
      began = Date.now();
      idle.hidden = true;
    });
    setInterval(look, 15000);
    look();
  }

  // Verbs by a key, only while the focus is on what they are for; j and k go down and up.
  for (const place of document.querySelectorAll("[data-keys]")) {
    place.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, textarea, select")) return;
      const rows = [...place.querySelectorAll("[data-row]")];
      const row = event.target.closest("tr") || place;
      const at = rows.findIndex((one) => row.contains(one) && (row !== place || one === event.target));
      const meant = { j: rows[at + 1], k: rows[at - 1] }[event.key];
      const verb = event.key.length === 1 && row.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (!meant && !verb) return;
      event.preventDefault();
      if (meant) meant.focus(); else verb.click();
    });
  }

  // On paper every working is open (for browsers whose style sheet cannot do it).
  addEventListener("beforeprint", () => {
    for (const working of document.querySelectorAll(".working details")) working.open = true;
  });
})();
