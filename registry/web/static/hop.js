// On to where the reader was going, now as from a page of the registry's own; what stands behind the # goes along.

const on = document.getElementById("on");
if (on instanceof HTMLAnchorElement && on.origin === location.origin) location.replace(on.pathname + on.search + location.hash);
