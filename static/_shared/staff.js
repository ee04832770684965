// What staff pages gain from a script; each is whole without.
//   details.menu            closes on Escape and on a press outside
//   .tabs [aria-current]    is scrolled into view
//   .scroll[data-end]       begins at its end: the present
//   [data-bulk]             is there while a box named "reference" of its form is ticked; data-ticked: "%s ticked"
const open = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
});

document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

for (const line of document.querySelectorAll(".scroll[data-end]")) {
  line.scrollLeft = line.scrollWidth * (document.dir === "rtl" ? -1 : 1);
}

for (const bar of document.querySelectorAll("[data-bulk]")) {
  const form = bar.closest("form");
  const told = bar.querySelector("[role=status]");
  const count = () => {
    const num = form.querySelectorAll("input[name=reference]:checked").length;
    bar.hidden = num === 0;
    told.textContent = num ? bar.dataset.ticked.replace("%s", num) : "";
  };
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count); // the browser may have put ticks back
  count();
}
