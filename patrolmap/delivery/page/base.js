/* The page of a patrolmap map. Every text is set as text: no name can become HTML. */
"use strict";

var patrolmap = {};

patrolmap.element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== "") made.textContent = text;
  return made;
};

patrolmap.isNarrow = (map) => map.getSize().x <= 640;
