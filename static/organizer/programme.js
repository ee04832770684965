// Extras of the programme's grid: arrow keys and the mouse move a session. Each move is a form that is sent;
// the buttons below the grid do the same without this.
const STEP_MIN = 5;
const MOVE_MIN = 30;
const plan = document.querySelector(".plan");
const form = document.querySelector("#move");

if (plan && form) start();

function start() {
  const wide = matchMedia("(min-width: 60rem)");
  const rooms = [...plan.querySelectorAll(".plan-room")];
  let sent = false;

  document.querySelector("[data-keys-help]")?.removeAttribute("hidden");
  const chosen = plan.querySelector('.ses[aria-current] a');
  if (chosen && location.hash.startsWith("#s-")) {
    chosen.focus({ preventScroll: true });
    chosen.closest(".ses").scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  plan.addEventListener("keydown", (event) => {
    const card = event.target.closest(".ses");
    if (!card || !wide.matches || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const fields = wanted(event.key, card);
    if (!fields) return;
    event.preventDefault();
    send(card, fields);
  });

  function wanted(key, card) {
    if (key === "ArrowUp") return { by: -MOVE_MIN };
    if (key === "ArrowDown") return { by: MOVE_MIN };
    if (key !== "ArrowLeft" && key !== "ArrowRight") return null;
    const forward = (key === "ArrowRight") !== (document.documentElement.dir === "rtl");
    const next = rooms[rooms.indexOf(card.closest(".plan-room")) + (forward ? 1 : -1)];
    return next ? { to: next.dataset.room } : null;
  }

  function send(card, fields) {
    if (sent) return; // the page is on its way already
    sent = true;
    form.action = form.dataset.at.replace("KEY", encodeURIComponent(card.dataset.key));
    for (const [name, value] of Object.entries({ version: card.dataset.version, ...fields })) {
      const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      form.append(input);
    }
    form.submit();
  }

  let dragged = null;
  let grip = 0; // pixels from the card's top to where it is held

  for (const card of plan.querySelectorAll(".ses[id]")) {
    card.draggable = true;
    card.querySelector("a").draggable = false;
  }
  plan.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".ses[id]");
    if (!dragged || !wide.matches) return;
    grip = event.clientY - dragged.getBoundingClientRect().top;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.key);
    dragged.dataset.dragged = "";
  });
  plan.addEventListener("dragend", () => {
    if (dragged) delete dragged.dataset.dragged;
    dragged = null;
  });
  plan.addEventListener("dragover", (event) => {
    if (dragged && event.target.closest(".plan-room")) event.preventDefault();
  });
  plan.addEventListener("drop", (event) => {
    const room = event.target.closest(".plan-room");
    if (!dragged || !room) return;
    event.preventDefault();
    const at = timeAt(room, event.clientY - grip);
    send(dragged, { day: plan.dataset.day, at, to: room.dataset.room });
  });

  function timeAt(room, y) {
    const head = room.querySelector(".plan-head");
    const top = room.getBoundingClientRect().top + head.offsetHeight;
    const hourHeight = plan.querySelector(".plan-hours li").offsetHeight;
    const minutes = Number(plan.dataset.first) * 60 + ((y - top) / hourHeight) * 60;
    const near = Math.round(minutes / STEP_MIN) * STEP_MIN;
    const kept = Math.min(24 * 60 - STEP_MIN, Math.max(0, near));
    return [Math.floor(kept / 60), kept % 60].map((part) => String(part).padStart(2, "0")).join(":");
  }
}

// A press that was kept for the way back: the page may be shown again as it was left.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
