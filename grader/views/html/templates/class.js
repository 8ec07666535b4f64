"use strict";
// Sorts the tables and filters the submissions. The page is complete without it.

const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;

const sortKey = (cell, numeric) => {
  const text = cell.dataset.value || cell.textContent.trim();
  return numeric ? parseFloat(text) : text;
};

// Missing numbers come last in both directions.
const inOrder = (a, b, way) => {
  if (typeof a === "string") return way * compare(a, b);
  return Number.isNaN(a) || Number.isNaN(b) ? Number.isNaN(a) - Number.isNaN(b) : way * (a - b);
};

const rowsOf = (table) => Array.from(table.tBodies).flatMap((body) => Array.from(body.rows));

// A browser does not lay out a block of rows far from the window. It estimates the height by their number.
const countRows = (table) => {
  for (const body of table.tBodies) {
    const shown = Array.from(body.rows).filter((row) => !row.hidden).length;
    body.hidden = shown === 0;
    body.style.setProperty("--rows", shown);
  }
};

const place = (table, rows) => {
  const sizes = Array.from(table.tBodies, (body) => body.rows.length);
  sizes.forEach((size, block) => table.tBodies[block].append(...rows.splice(0, size)));
  countRows(table);
};

const sortBy = (table, head) => {
  const numeric = head.matches(".number, .share");
  const before = head.getAttribute("aria-sort");
  const way = (before ? before === "descending" : !numeric) ? 1 : -1;
  const pairs = rowsOf(table).map((row) => [sortKey(row.cells[head.cellIndex], numeric), row]);
  pairs.sort((a, b) => inOrder(a[0], b[0], way));
  table.querySelectorAll("[aria-sort]").forEach((cell) => cell.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
  place(
    table,
    pairs.map((pair) => pair[1]),
  );
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
  const table = document.getElementById("all");
  const functionCount = table.querySelectorAll("thead code").length;
  const describe = (row) => ({
    row,
    name: row.cells[0].textContent.toLowerCase(),
    result: row.cells[row.cells.length - functionCount - 1].firstChild.data,
    statuses: Array.from(row.cells, (cell) => cell.className).slice(-functionCount),
    addresses: [`#${row.id}`, row.cells[0].firstElementChild.getAttribute("href")],
  });
  // Rows are read when a filter is used, so that the page of a large class opens without it.
  let rows;
  const fields = ["name", "result", "function", "mistake"].map((field) =>
    document.getElementById(`filter-${field}`),
  );

  // The row of a mistake links to the submissions that have it.
  const linksFrom = (id) => {
    const links = document.getElementById(id)?.querySelectorAll(".who a") ?? [];
    return new Set(Array.from(links, (link) => link.getAttribute("href")));
  };
  const isShown = (item, [name, result, functions, mistake], linked) => {
    const [place, status] = functions.split(":");
    const shownStatuses = place ? [item.statuses[place]] : item.statuses;
    return (
      item.name.includes(name.trim().toLowerCase()) &&
      (!result || item.result === result) &&
      (!functions || shownStatuses.includes(status)) &&
      (!mistake || item.addresses.some((address) => linked.has(address)))
    );
  };
  const filter = () => {
    const values = fields.map((field) => field.value);
    const linked = linksFrom(values[3]);
    rows ??= rowsOf(table).map(describe);
    rows.forEach((item) => (item.row.hidden = !isShown(item, values, linked)));
    const shown = rows.filter((item) => !item.row.hidden).length;
    document.getElementById("filter-count").textContent = shown;
    countRows(table);
  };
  const reset = () => {
    fields.forEach((field) => (field.value = ""));
    filter();
  };

  fields.forEach((field) => field.addEventListener("input", filter));
  document.getElementById("filter-reset").addEventListener("click", reset);
  // A link to a hidden submission shows all submissions again.
  window.addEventListener("hashchange", () => {
    const aim = document.getElementById(location.hash.slice(1));
    if (aim && aim.hidden) {
      reset();
      aim.scrollIntoView();
    }
  });
  // A browser may keep what was entered when the page is loaded again.
  window.addEventListener("pageshow", () => {
    if (fields.some((field) => field.value)) filter();
  });
  filters.hidden = false;
};

if (filters) startFiltering();
