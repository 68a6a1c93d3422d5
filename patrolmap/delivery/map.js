/* Draws the overlays of a patrolmap page. Every text is set as text: no name can become HTML. */
"use strict";

var patrolmap = (() => {
  const FONT = "'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif";
  const NARROW_PX = 640;
  const DATA_ZOOM = 15; // the last zoom the base map holds; beyond, the browser enlarges it

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined && text !== "") made.textContent = text;
    return made;
  }

  // ---- base map -----------------------------------------------------------------------

  function archive(address) {
    if (!address.startsWith("data:")) return new pmtiles.PMTiles(address);
    const encoded = atob(address.slice(address.indexOf(",") + 1));
    const bytes = Uint8Array.from(encoded, (letter) => letter.charCodeAt(0));
    return new pmtiles.PMTiles({
      getKey: () => "basemap",
      getBytes: async (offset, length) => ({ data: bytes.slice(offset, offset + length).buffer }),
    });
  }

  const MAJOR = /^(motorway|trunk|primary|secondary)/;
  const MINOR = /^(tertiary|residential|unclassified|living_street|road)/;
  const CLASSES = {
    major: (kind) => MAJOR.test(kind),
    minor: (kind) => MINOR.test(kind),
    service: (kind) => kind === "service" || kind === "pedestrian" || kind === "track",
    path: (kind) => !MAJOR.test(kind) && !MINOR.test(kind) && !CLASSES.service(kind),
  };
  const isClass = (cls) => (zoom, feature) => feature.props.cls === cls;
  const isRoad = (name, cls = "road") => (zoom, feature) =>
    feature.props.cls === cls && CLASSES[name](feature.props.kind);

  function paintRules() {
    const { PolygonSymbolizer, LineSymbolizer, exp } = protomapsL;
    const rule = (filter, symbolizer, minzoom) =>
      ({ dataLayer: "base", filter, symbolizer, minzoom });
    const fill = (cls, color, stroke) =>
      rule(isClass(cls), new PolygonSymbolizer({ fill: color, stroke, width: stroke ? 0.6 : 0 }));
    const line = (filter, color, stops, more = {}, minzoom = 10) =>
      rule(filter, new LineSymbolizer({
        color, width: exp(1.6, stops), lineCap: "round", lineJoin: "round", ...more,
      }), minzoom);
    const widths = {
      service: [[14, 0.6], [16, 3], [19, 10]],
      minor: [[12, 0.6], [14, 2], [16, 6], [19, 22]],
      major: [[10, 0.8], [13, 2.2], [16, 8], [19, 30]],
    };
    const wider = (stops) => stops.map(([zoom, width]) => [zoom, width + (zoom < 13 ? 0.6 : 1.6)]);
    return [
      fill("green", "#dcead0"),
      fill("water", "#bcd7e8"),
      line(isClass("waterline"), "#bcd7e8", [[11, 0.8], [15, 3], [19, 12]]),
      fill("building", "#e7e2da", "#d6cfc4"),
      line(isRoad("path"), "#b9ac98", [[14, 0.5], [16, 1.4], [19, 3]], { dash: [4, 3] }, 14),
      line(isRoad("service"), "#d3ccbf", wider(widths.service), {}, 14),
      line(isRoad("minor"), "#cfc7b8", wider(widths.minor), {}, 12),
      line(isRoad("major"), "#d2bf8c", wider(widths.major)),
      line(isRoad("service"), "#ffffff", widths.service, {}, 14),
      line(isRoad("minor"), "#ffffff", widths.minor, {}, 12),
      line(isRoad("major"), "#fdf2cd", widths.major),
      line(isClass("rail"), "#9aa0a6", [[11, 0.6], [15, 1.6], [19, 3]], { dash: [6, 4] }),
    ];
  }

  function labelRules() {
    const { LineLabelSymbolizer, CenteredTextSymbolizer } = protomapsL;
    const text = (size, fill, weight = 400) => ({
      labelProps: ["name"], font: `${weight} ${size}px ${FONT}`, fill, stroke: "#fff", width: 2.5,
    });
    const along = (filter, size, fill, minzoom) => ({
      dataLayer: "base", minzoom, filter,
      symbolizer: new LineLabelSymbolizer({ ...text(size, fill), repeatDistance: 400 }),
    });
    const road = (name, size, minzoom) => along(isRoad(name, "road_name"), size, "#4d463b", minzoom);
    const inside = (kind, fill) => ({
      dataLayer: "base", minzoom: 15,
      filter: (zoom, { props }) => props.cls === "area_name" && props.kind === kind,
      symbolizer: new CenteredTextSymbolizer(text(11, fill)),
    });
    return [
      road("major", 13, 14), road("minor", 12, 15),
      inside("water", "#2f5f80"), inside("green", "#44682f"),
      along(isClass("waterline"), 11, "#2f5f80", 15),
      road("service", 11, 17), road("path", 11, 17),
    ];
  }

  function addBasemap(map) {
    const address = document.querySelector('meta[name="patrolmap-basemap"]').content;
    if (!address) return;
    const url = archive(address);
    const shared = { url, maxDataZoom: DATA_ZOOM, attribution: "", noWrap: true };
    protomapsL.leafletLayer({ ...shared, paintRules: paintRules(), labelRules: [] }).addTo(map);
    // The names lie above the cells, so that no colour hides where one is.
    protomapsL.leafletLayer({
      ...shared, paintRules: [], labelRules: labelRules(), pane: "names",
    }).addTo(map);
  }

  // ---- what a click tells -------------------------------------------------------------

  function cardElement(card) {
    const box = element("div", "pm-card");
    box.append(element("h3", "", card.title));
    if (card.mark) box.append(element("p", "pm-mark", card.mark));
    const list = element("dl");
    for (const [key, value] of card.rows) list.append(element("dt", "", key), element("dd", "", value));
    if (card.rows.length) box.append(list);
    return box;
  }

  // ---- areas, dots, pins, labels ------------------------------------------------------

  function shapeStyle(styles, item) {
    const dashed = item.guessed ? { dashArray: "5 4" } : {};
    return { ...styles[item.style], ...dashed };
  }

  function signElement(swatch) {
    const sign = element("span", `pm-sign pm-${swatch.look.replace(" ", " pm-")}`, swatch.text);
    if (swatch.guessed) sign.classList.add("pm-guessed");
    if (swatch.colour) sign.style.setProperty("--colour", swatch.colour);
    if (swatch.slot) sign.style.setProperty("--slot", swatch.slot);
    if (swatch.prefix) sign.prepend(element("b", "pm-prefix", swatch.prefix));
    if (swatch.icon) sign.append(element("i", `fa-solid fa-${swatch.icon}`));
    return sign;
  }

  const MAKERS = {
    area: (item, styles) => L.polygon(item.rings, shapeStyle(styles, item)),
    dot: (item, styles) => L.circleMarker(item.at, shapeStyle(styles, item)),
    pin: (item) => L.marker(item.at, {
      title: item.tip || item.card.title,
      riseOnHover: true,
      icon: L.divIcon({ className: "pm-pin", html: signElement(item), iconSize: [0, 0] }),
    }),
    label: (item) => L.marker(item.at, {
      interactive: false, keyboard: false, pane: "labels",
      icon: L.divIcon({
        className: "pm-label", html: element("span", "", item.text), iconSize: [0, 0],
      }),
    }),
  };

  function shapesLayer(overlay, styles) {
    const group = L.featureGroup();
    for (const item of overlay.items) {
      if (!(item.shape in MAKERS)) continue;
      const layer = MAKERS[item.shape](item, styles);
      layer.item = item;
      layer.addTo(group);
    }
    group.bindPopup((layer) => cardElement(layer.item.card), {
      maxWidth: 300, offset: [0, -4],
    });
    if (overlay.items.some((item) => item.tip && item.shape !== "pin")) {
      group.bindTooltip((layer) => element("span", "", layer.item.tip || layer.item.card.title), {
        sticky: true,
      });
    }
    return group;
  }

  // ---- routes -------------------------------------------------------------------------

  /* Lines keep to the right of their streets, each crew a little further out, so that ways
     there and back, and crews on one street, stay side by side. */
  const RoutesLayer = L.LayerGroup.extend({
    initialize(items, styles, rank) {
      L.LayerGroup.prototype.initialize.call(this);
      this.items = items;
      this.styles = styles;
      this.rank = rank % 4;
    },
    onAdd(map) {
      map.on("zoomend", this.redraw, this);
      this.redraw();
      L.LayerGroup.prototype.onAdd.call(this, map);
    },
    onRemove(map) {
      map.off("zoomend", this.redraw, this);
      L.LayerGroup.prototype.onRemove.call(this, map);
    },
    redraw() {
      const map = this._map;
      const asidePx = (2 + 3.5 * this.rank) * Math.min(1, Math.max(0.4, (map.getZoom() - 13) / 4));
      this.clearLayers();
      const drawn = this.items.map((item) => ({
        item,
        points: aside(
          item.path.map((at) => map.latLngToLayerPoint(at)),
          item.style === "connector" ? 0 : asidePx,
        ),
      }));
      const onMap = (points) => points.map((point) => map.layerPointToLatLng(point));
      const arrows = drawn.filter(({ item }) => item.style === "travel")
        .flatMap(({ points }) => arrowheads(points)).map(onMap);
      const colour = this.items.length ? this.items[0].colour : "";
      const options = { pane: "routes", interactive: false, lineCap: "round" };
      const add = (lines, style) => L.polyline(lines, { ...options, ...style }).addTo(this);
      for (const { item, points } of drawn) {
        const { weight } = this.styles[item.style];
        add(onMap(points), { color: "#fff", weight: weight + 3, opacity: 0.75 });
      }
      for (const { item, points } of drawn) {
        add(onMap(points), { ...this.styles[item.style], color: item.colour });
      }
      add(arrows, { color: "#fff", weight: 6, opacity: 0.9 });
      add(arrows, { color: colour, weight: 3, opacity: 1 });
    },
  });

  function aside(points, distance) {
    const line = L.LineUtil.simplify(points, 1.2);
    if (!distance || line.length < 2) return line;
    const normals = line.slice(1).map((point, at) => {
      const way = point.subtract(line[at]);
      const length = Math.hypot(way.x, way.y) || 1;
      return L.point(-way.y / length, way.x / length); // y grows downwards: this is the right hand
    });
    return line.flatMap((point, at) => {
      const before = normals[Math.max(0, at - 1)];
      const after = normals[Math.min(normals.length - 1, at)];
      const sum = before.add(after);
      const length = Math.hypot(sum.x, sum.y);
      // Where the way turns sharply back, its two sides end beside each other.
      if (length < 1) return [before, after].map((side) => point.add(side.multiplyBy(distance)));
      return [point.add(sum.multiplyBy(distance / length))];
    });
  }

  const ARROW_EVERY_PX = 90;

  function arrowheads(points) {
    const heads = [];
    let left = ARROW_EVERY_PX / 2;
    for (let at = 1; at < points.length; at += 1) {
      const [from, to] = [points[at - 1], points[at]];
      const length = from.distanceTo(to);
      const way = to.subtract(from).divideBy(length || 1);
      for (; left <= length; left += ARROW_EVERY_PX) {
        const tip = from.add(way.multiplyBy(left));
        const back = tip.subtract(way.multiplyBy(6));
        const across = L.point(-way.y * 5, way.x * 5);
        heads.push([back.add(across), tip, back.subtract(across)]);
      }
      left -= length;
    }
    return heads;
  }

  function overlayLayer(overlay, styles, rank) {
    const lines = overlay.items.filter((item) => item.shape === "line");
    const shapes = shapesLayer(overlay, styles);
    return lines.length ? L.layerGroup([new RoutesLayer(lines, styles, rank), shapes]) : shapes;
  }

  // ---- the panel: layer switch and legend in one ---------------------------------------

  function swatchElement(swatch, styles) {
    const holder = element("span", "pm-swatch");
    if (swatch.look === "dot") {
      const dot = element("span", "pm-dot");
      dot.style.background = styles[swatch.style].fillColor;
      holder.append(dot);
    } else if (["cell", "route"].includes(swatch.look) || !swatch.icon) {
      const box = element("span", `pm-box pm-box-${swatch.look}`);
      if (swatch.colour) box.style.setProperty("--colour", swatch.colour);
      holder.append(box);
    } else {
      holder.append(signElement(swatch));
    }
    return holder;
  }

  function switchElement(map, overlay, layer, styles) {
    const row = element("label", `pm-row pm-${overlay.swatch.look}-row`);
    const box = element("input");
    box.type = "checkbox";
    box.checked = overlay.shown;
    box.addEventListener("change", () => {
      if (box.checked) map.addLayer(layer);
      else map.removeLayer(layer);
      map.fire("patrolmap:switched", { name: overlay.name, on: box.checked });
    });
    row.append(box, swatchElement(overlay.swatch, styles), element("span", "pm-name", overlay.name));
    if (overlay.detail) row.append(element("span", "pm-detail", overlay.detail));
    return row;
  }

  /* One box for a whole group; half on is shown as neither. */
  function addGroupSwitch(set, words) {
    const boxes = [...set.querySelectorAll(".pm-route-row input")];
    if (boxes.length < 2) return;
    const row = element("label", "pm-row pm-all");
    const all = element("input");
    all.type = "checkbox";
    const show = () => {
      const on = boxes.filter((box) => box.checked).length;
      all.checked = on === boxes.length;
      all.indeterminate = on > 0 && on < boxes.length;
    };
    all.addEventListener("change", () => {
      for (const box of boxes.filter((each) => each.checked !== all.checked)) box.click();
    });
    for (const box of boxes) box.addEventListener("change", show);
    show();
    row.append(all, element("span"), element("span", "pm-name", words));
    set.querySelector("legend").after(row);
  }

  function stepsElement(steps) {
    const list = element("ul", "pm-steps");
    for (const [colour, words] of steps) {
      const line = element("li");
      const box = element("span", "pm-box");
      box.style.background = colour;
      line.append(box, element("span", "", words));
      list.append(line);
    }
    return list;
  }

  /* What line and outline styles mean, as far as they are on this map. */
  function keyElement(data) {
    const items = data.overlays.flatMap((overlay) => overlay.items);
    const list = element("ul", "pm-key");
    for (const style of ["travel", "beat", "connector"]) {
      if (items.some((item) => item.style === style)) {
        list.append(keyLine(lineSample(data.styles[style]), data.words[style]));
      }
    }
    if (items.some((item) => item.guessed)) {
      list.append(keyLine(element("span", "pm-box pm-box-guessed"), data.words.guessed));
    }
    return list;
  }

  function keyLine(sample, words) {
    const line = element("li");
    line.append(sample, element("span", "", words));
    return line;
  }

  function lineSample({ weight, dashArray }) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", "28");
    svg.setAttribute("height", "8");
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", "M2 4H26");
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", weight);
    path.setAttribute("stroke-linecap", "round");
    if (dashArray) path.setAttribute("stroke-dasharray", dashArray);
    svg.append(path);
    return svg;
  }

  function panelElement(map, data, layers) {
    const panel = element("details", "pm-panel");
    panel.open = map.getSize().x > NARROW_PX;
    const heading = element("summary");
    heading.append(
      element("strong", "", data.title), element("span", "pm-hint", data.words.legend),
    );
    panel.append(heading);
    const groups = [...new Set(data.overlays.map((overlay) => overlay.group))];
    for (const group of groups) {
      const set = element("fieldset");
      set.append(element("legend", "", group));
      data.overlays.forEach((overlay, at) => {
        if (overlay.group !== group) return;
        set.append(switchElement(map, overlay, layers[at], data.styles));
        if (overlay.steps.length) set.append(stepsElement(overlay.steps));
      });
      addGroupSwitch(set, data.words.all);
      panel.append(set);
    }
    const key = keyElement(data);
    if (key.children.length) panel.append(key);
    return panel;
  }

  function addPanel(map, data, layers) {
    const control = L.control({ position: "topright" });
    control.onAdd = () => {
      const panel = panelElement(map, data, layers);
      L.DomEvent.disableClickPropagation(panel);
      L.DomEvent.disableScrollPropagation(panel);
      return panel;
    };
    control.addTo(map);
    return control.getContainer();
  }

  function addCaveats(map, caveats) {
    if (!caveats.length) return;
    const strip = element("footer", "pm-caveats");
    for (const words of caveats) strip.append(element("span", "", words));
    map.getContainer().after(strip);
    map.invalidateSize();
  }

  // ---- what the reader has chosen, kept while the tab is open ---------------------------

  /* A map of the same places, drawn anew for another window, opens as the last one was left.
     Where a browser keeps nothing, it opens as drawn. */
  function memory(data) {
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

  // ---- start --------------------------------------------------------------------------

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
    const marginPx = map.getSize().x > NARROW_PX ? 24 : 6;
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
    keepCellsBehind(map, layers.filter((layer, at) => data.overlays[at].swatch.look === "cell"));
    return layers;
  }

  function start(id, data) {
    const map = makeMap(id, data.words);
    addCaveats(map, data.caveats);
    const kept = memory(data);
    const view = restore(data, kept);
    map.fitBounds(data.bounds);
    addBasemap(map);
    const panel = addPanel(map, data, addOverlays(map, data));
    if (view) map.setView(...view, { animate: false });
    else fit(map, data.bounds, panel);
    keepCloseness(map);
    keep(map, kept);
    return map;
  }

  return { start };
})();
