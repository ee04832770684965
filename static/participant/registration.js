// What the registration form gains from a script; without one it is whole, and the server decides.
//   form[data-draft="slug"]         answers are kept for this tab until they are sent, but not in [data-nodraft]
//   form[data-clash="… “%s”"]       words of a clash hint; inputs carry data-starts, data-ends, data-title
//   [data-show-if='[["name", ["a", "b"]], …]']   shown while each of these inputs holds one of its answers
//   [data-only]                     the same in words, for who has no script
//   button[data-busy="Sending"]     word while the form is on its way
//   [data-draft-sent="slug"]        on the page after: the answers arrived, forget the draft and those of "slug.…"

const form = document.querySelector("form[data-draft]");
const summary = document.querySelector(".errsum");
const store = safely(() => window.sessionStorage);

function safely(act) {
  try {
    return act();
  } catch {
    return null; // storage is off or full: the form works without
  }
}

const key = (name) => `forumreg draft ${name}`;
const left = ["hidden", "password", "submit", "file", "fieldset"];
const controls = () => [...form.elements].filter((each) =>
  each.name && !left.includes(each.type) && !each.closest("[data-nodraft]"));
const ticked = (each) => each.type === "radio" || each.type === "checkbox";

function keep() {
  const answers = {};
  for (const each of controls()) if (!ticked(each) || each.checked) (answers[each.name] ??= []).push(each.value);
  safely(() => store.setItem(key(form.dataset.draft), JSON.stringify(answers)));
}

function putBack() {
  const answers = safely(() => JSON.parse(store.getItem(key(form.dataset.draft))));
  if (!answers) return;
  let changed = false;
  const offered = new Set(controls().filter((each) => answers[each.name]?.includes(each.value)).map((each) => each.name));
  for (const each of controls()) {
    if (each.type === "radio" && !offered.has(each.name)) continue; // nothing here to go back to
    const was = answers[each.name] ?? [];
    const part = ticked(each) ? "checked" : "value";
    const now = ticked(each) ? was.includes(each.value) && !each.disabled : was.shift() ?? each.value;
    changed ||= now !== each[part];
    each[part] = now;
  }
  const note = form.querySelector("[data-draft-note]");
  if (note) note.hidden = !changed;
}

function forget(name) {
  const mine = (each) => each === key(name) || each.startsWith(`${key(name)}.`); // a version's, or any
  safely(() => Object.keys(store).filter(mine).forEach((each) => store.removeItem(each)));
}

function holds(name, value) {
  return [...form.elements].some((each) => each.name === name && each.value === value
    && (!ticked(each) || each.checked) && !each.closest("[hidden]"));
}

function showWhatApplies() {
  for (const part of form.querySelectorAll("[data-show-if]")) {
    const conditions = JSON.parse(part.dataset.showIf);
    part.hidden = !conditions.every(([name, values]) => values.some((value) => holds(name, value)));
  }
}

function leaveOutConditions() {
  for (const words of form.querySelectorAll("[data-only]")) {
    const hint = words.parentElement;
    words.remove();
    if (!hint.textContent.trim()) hint.remove();
  }
}

const voice = document.createElement("p");

function hintClashes(changed) {
  const timed = [...form.querySelectorAll("input[data-starts]")];
  const chosen = timed.filter((each) => each.checked);
  voice.textContent = "";
  for (const each of timed) {
    const row = each.closest(".choice");
    const hint = row.querySelector(".clash");
    const other = chosen.find((one) => one !== each && (one.type !== "radio" || one.name !== each.name)
      && +one.dataset.starts < +each.dataset.ends && +each.dataset.starts < +one.dataset.ends);
    row.toggleAttribute("data-clash", Boolean(other));
    hint.hidden = !other;
    hint.lastElementChild.textContent = other ? form.dataset.clash.replace("%s", other.dataset.title) : "";
    if (other && each === changed && each.checked) voice.textContent = hint.textContent;
  }
}

function busy(button) {
  const words = button.textContent;
  const set = (text, state) => {
    button.textContent = text;
    button.setAttribute("aria-busy", state);
  };
  const again = () => set(words, "false");
  set(button.dataset.busy, "true");
  window.addEventListener("pageshow", again, { once: true });
  setTimeout(again, 20000); // a lost connection: pressing again is safe, the form is one registration
}

for (const page of document.querySelectorAll("[data-draft-sent]")) forget(page.dataset.draftSent);

if (form) {
  voice.className = "vh";
  voice.setAttribute("role", "status");
  form.append(voice);
  if (!summary) putBack();
  leaveOutConditions();
  showWhatApplies();
  if (form.dataset.clash && !summary) hintClashes(null);
  form.addEventListener("input", keep);
  form.addEventListener("change", (event) => {
    keep();
    showWhatApplies();
    if (form.dataset.clash && event.target.dataset.starts) hintClashes(event.target);
  });
  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-draft-drop]")) return;
    forget(form.dataset.draft);
    form.reset();
    showWhatApplies();
    if (form.dataset.clash) hintClashes(null);
    form.querySelector("[data-draft-note]").hidden = true;
    form.querySelector("input:not([type=hidden])").focus();
  });
  form.addEventListener("submit", (event) => {
    const button = event.submitter ?? form.querySelector("button[data-busy]");
    if (button?.getAttribute("aria-busy") === "true") event.preventDefault();
    else if (button?.dataset.busy) busy(button);
  });
}

(summary ?? document.querySelector("[data-warning]"))?.focus();
