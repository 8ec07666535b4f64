"use strict";
// The page is complete without this: it only lets the tables be sorted and the submissions filtered.

const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;

const sortKey = (cell, numeric) => {
  const text = cell.dataset.value || cell.textContent.trim();
  return numeric ? parseFloat(text) : text;
};

// What is no number stands last, whichever way the others run.
const inOrder = (a, b, way) => {
  if (typeof a === "string") return way * compare(a, b);
  return Number.isNaN(a) || Number.isNaN(b) ? Number.isNaN(a) - Number.isNaN(b) : way * (a - b);
};

const sortBy = (table, head) => {
  const numeric = head.matches(".number, .share");
  const before = head.getAttribute("aria-sort");
  const way = (before ? before === "descending" : !numeric) ? 1 : -1;
  const keyed = Array.from(table.tBodies[0].rows, (row) => [
    sortKey(row.cells[head.cellIndex], numeric),
    row,
  ]);
  keyed.sort((one, other) => inOrder(one[0], other[0], way));
  table.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
  table.tBodies[0].append(...keyed.map((pair) => pair[1]));
};

for (const head of document.querySelectorAll(".sortable thead th:not(.unsorted)")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sort";
  button.append(...head.childNodes);
  button.addEventListener("click", () => sortBy(head.closest("table"), head));
  head.append(button);
}

const filters = document.querySelector(".filters");

const startFiltering = () => {
  const rows = Array.from(document.querySelectorAll("#all tbody tr"), (row) => ({
    row,
    name: row.cells[0].textContent.toLowerCase(),
    result: row.cells[3].textContent,
    statuses: Array.from(row.cells, (cell) => cell.className).slice(4),
    addresses: [`#${row.id}`, row.cells[0].firstElementChild.getAttribute("href")],
  }));
  const fields = ["name", "result", "function", "mistake"].map((field) =>
    document.getElementById(`filter-${field}`),
  );

  // Who makes a mistake is linked from the row of that mistake.
  const linkedFrom = (id) => {
    const links = document.getElementById(id)?.querySelectorAll(".who a") ?? [];
    return new Set(Array.from(links, (link) => link.getAttribute("href")));
  };
  const isShown = (item, [name, result, functions, mistake], makers) => {
    const [place, status] = functions.split(":");
    const asked = place ? [item.statuses[place]] : item.statuses;
    return (
      item.name.includes(name.trim().toLowerCase()) &&
      (!result || item.result === result) &&
      (!functions || asked.includes(status)) &&
      (!mistake || item.addresses.some((address) => makers.has(address)))
    );
  };
  const filter = () => {
    const wanted = fields.map((field) => field.value);
    const makers = linkedFrom(wanted[3]);
    rows.forEach((item) => (item.row.hidden = !isShown(item, wanted, makers)));
    const shown = rows.filter((item) => !item.row.hidden).length;
    document.getElementById("filter-count").textContent = shown;
  };
  const reset = () => {
    fields.forEach((field) => (field.value = ""));
    filter();
  };

  fields.forEach((field) => field.addEventListener("input", filter));
  document.getElementById("filter-reset").addEventListener("click", reset);
  // A link to a submission that is filtered away shows it again.
  window.addEventListener("hashchange", () => {
    const aim = document.getElementById(location.hash.slice(1));
    if (aim && aim.hidden) {
      reset();
      aim.scrollIntoView();
    }
  });
  filters.hidden = false;
  filter();
};

if (filters) startFiltering();
