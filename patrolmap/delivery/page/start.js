/* Puts a map together. */
"use strict";

patrolmap.start = (() => {
  const { isNarrow } = patrolmap;
  const { addBasemap } = patrolmap.ground;
  const { shapesLayer } = patrolmap.shapes;
  const { RoutesLayer } = patrolmap.routes;
  const { addPanel, addCaveats } = patrolmap.panel;
  const { openMemory, restore, keep } = patrolmap.memory;

  function overlayLayer(overlay, styles, rank) {
    const lines = overlay.items.filter((item) => item.shape === "line");
    const shapes = shapesLayer(overlay, styles);
    return lines.length ? L.layerGroup([new RoutesLayer(lines, styles, rank), shapes]) : shapes;
  }

  function makeMap(id, words) {
    const map = L.map(id, {
      preferCanvas: true, attributionControl: false, zoomControl: false, minZoom: 3, maxZoom: 19,
      zoomSnap: 0.5,
    });
    L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    for (const [name, level] of [["names", 450], ["routes", 460], ["labels", 640]]) {
      const pane = map.createPane(name);
      pane.style.zIndex = level;
      pane.style.pointerEvents = "none";
    }
    return map;
  }

  /* Cells would cover whatever was drawn before them on the same canvas. */
  function keepCellsBehind(map, cells) {
    const sink = () => cells.filter((layer) => map.hasLayer(layer)).forEach((l) => l.bringToBack());
    map.on("patrolmap:switched", sink);
    sink();
  }

  /* The page's style shows more, and larger, where there is room for it. */
  function keepCloseness(map) {
    const tell = () => {
      const classes = map.getContainer().classList;
      classes.toggle("pm-far", map.getZoom() < 14.5);
      classes.toggle("pm-close", map.getZoom() >= 17);
    };
    map.on("zoomend", tell);
    tell();
  }

  function fit(map, bounds, panel) {
    const marginPx = isNarrow(map) ? 6 : 24;
    map.fitBounds(bounds, {
      paddingTopLeft: [marginPx, marginPx],
      paddingBottomRight: [marginPx + (panel.open ? panel.offsetWidth : 0), marginPx],
    });
  }

  function addOverlays(map, data) {
    const ranks = {};
    const layers = data.overlays.map((overlay) => {
      ranks[overlay.group] = (ranks[overlay.group] ?? -1) + 1;
      return overlayLayer(overlay, data.styles, ranks[overlay.group]);
    });
    layers.forEach((layer, at) => data.overlays[at].shown && layer.addTo(map));
    const isCells = ({ swatch }) => swatch.look === "cell" || swatch.look === "grid";
    keepCellsBehind(map, layers.filter((layer, at) => isCells(data.overlays[at])));
    return layers;
  }

  function start(id, data) {
    const map = makeMap(id, data.words);
    addCaveats(map, data.caveats);
    const kept = openMemory(data);
    const view = restore(data, kept);
    map.fitBounds(data.bounds);
    const panel = addPanel(map, data, addOverlays(map, data));
    if (view) map.setView(...view, { animate: false });
    else fit(map, data.bounds, panel);
    addBasemap(map); // last: tiles asked for at a zoom that is left at once are asked for in vain
    keepCloseness(map);
    keep(map, kept);
    return map;
  }

  return start;
})();
