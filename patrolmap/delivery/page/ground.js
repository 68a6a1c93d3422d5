/* The base map: streets, waters and names from one PMTiles file. */
"use strict";

patrolmap.ground = (() => {
  const FONT = "'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif";
  const DATA_ZOOM = 15; // the last zoom the base map holds; beyond, the browser enlarges it

  function archive(address) {
    if (!address.startsWith("data:")) return new pmtiles.PMTiles(served(address));
    const encoded = atob(address.slice(address.indexOf(",") + 1));
    const bytes = Uint8Array.from(encoded, (letter) => letter.charCodeAt(0));
    return new pmtiles.PMTiles({
      getKey: () => "basemap",
      getBytes: async (offset, length) => ({ data: bytes.slice(offset, offset + length).buffer }),
    });
  }

  /* Pieces of one file, asked for at once: the caches of some browsers stumble over that. */
  function served(address) {
    const source = new pmtiles.FetchSource(address);
    source.chromeWindowsNoCache = true;
    return source;
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

  return { addBasemap };
})();
