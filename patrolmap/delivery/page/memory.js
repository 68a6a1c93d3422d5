/* What the reader has chosen, kept while the tab is open. */
"use strict";

patrolmap.memory = (() => {
  /* A map of the same places, drawn anew for another window, opens as the last one was left.
     Where a browser keeps nothing, it opens as drawn. */
  function openMemory(data) {
    const key = `patrolmap ${JSON.stringify(data.bounds)}`;
    const read = () => {
      try {
        return JSON.parse(sessionStorage.getItem(key)) || {};
      } catch {
        return {};
      }
    };
    const write = (changes) => {
      try {
        sessionStorage.setItem(key, JSON.stringify({ ...read(), ...changes }));
      } catch { /* private windows and some frames keep nothing */ }
    };
    return { read, write };
  }

  function restore(data, kept) {
    const { view, shown = {} } = kept.read();
    for (const overlay of data.overlays) overlay.shown = shown[overlay.name] ?? overlay.shown;
    return view;
  }

  function keep(map, kept) {
    map.on("moveend", () => {
      const { lat, lng } = map.getCenter();
      kept.write({ view: [[lat, lng], map.getZoom()] });
    });
    map.on("patrolmap:switched", ({ name, on }) => {
      kept.write({ shown: { ...kept.read().shown, [name]: on } });
    });
  }

  return { openMemory, restore, keep };
})();
