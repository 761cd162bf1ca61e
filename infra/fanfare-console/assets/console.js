// What a page does beyond being read: it looks again by itself, answers to keys, and tells times in the reader's own zone.
// Every page works without it.
"use strict";

const main = document.getElementById("content");
const status = document.getElementById("live");

function say(text) {
  if (status && status.textContent !== text) status.textContent = text;
}

// A moment in UTC is what everybody can compare; the reader's own is told beside it.
function tellLocalTimes() {
  for (const time of main.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!isNaN(at)) time.title = at.toLocaleString();
  }
}

// Replacing what somebody reads out, selects, scrolls or types into would take it from them.
function isInUse() {
  const selection = document.getSelection();
  const selects = selection && !selection.isCollapsed && main.contains(selection.anchorNode);
  const active = document.activeElement;
  return selects || (active !== main && main.contains(active));
}

let source = null;
let shown = null;

function show(html) {
  if (html === shown) return say("live");
  if (isInUse()) return say("live, and paused while you select or type");
  shown = html;
  // The server has escaped every text in it, as in the page itself.
  main.innerHTML = html;
  tellLocalTimes();
  say("live");
}

function look() {
  if (source || document.hidden || !main.hasAttribute("data-live")) return;
  source = new EventSource(location.pathname + location.search);
  source.addEventListener("content", (event) => show(event.data));
  source.addEventListener("problem", (event) => say("not live: " + event.data));
  // Each answer ends after one event, which is no error; the browser asks again by itself.
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) say("not live: reload the page");
  };
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return look();
  if (source) source.close();
  source = null;
  say("paused");
});

const pages = { f: "/flow", t: "/trace", e: "/events", x: "/failures", q: "/queues", c: "/consumers", a: "/audit" };
let leaves = false;

function move(step) {
  const rows = [...main.querySelectorAll("tbody tr")].filter((row) => row.querySelector("a, input"));
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step];
  if (row) row.querySelector("a, input").focus();
}

document.addEventListener("keydown", (event) => {
  const types = event.target.matches("input:not([type=checkbox], [type=radio], [type=range]), select");
  if (types || event.ctrlKey || event.metaKey || event.altKey) return;
  if (leaves && pages[event.key]) return location.assign(pages[event.key]);
  leaves = event.key === "g";
  if (event.key === "/") document.getElementById("search")?.focus();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "?") location.assign("/help");
  else return;
  event.preventDefault();
});

// A slider says what it means once the pointer lets it go. By keys it moves step by step, and the button beside it ends that.
document.addEventListener("pointerup", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

tellLocalTimes();
look();
