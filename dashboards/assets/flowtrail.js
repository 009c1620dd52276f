// Runs before the pages start. Tells the server the reader's time zone, so that times are local from the first answer on.
(function () {
  "use strict";
  try {
    var zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    document.cookie = "flowtrail_zone=" + encodeURIComponent(zone) + "; path=/; max-age=31536000; SameSite=Lax";
  } catch (error) {
    // Without a zone the pages say UTC.
  }

  // Opens a row of the list of events and brings it into view.
  function open(id) {
    var row = document.getElementById(id);
    if (row) {
      row.open = true;
      row.scrollIntoView({ block: "center", behavior: "smooth" });
      row.querySelector("summary").focus({ preventScroll: true });
    }
    return Boolean(row);
  }

  window.flowtrail = window.flowtrail || {};
  window.flowtrail.open = open;

  // A link to an event on the same page opens its row as well.
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest('a[href^="#event-"]');
    if (link && open(link.getAttribute("href").slice(1))) {
      event.preventDefault();
    }
  });

  // Sections are asked for when they come near the screen. One that failed says after how many milliseconds to ask again.
  // A page that is still being put together may miss it: it is asked again until an answer is under way.
  function ask(element) {
    window.dash_clientside.set_props({ kind: "seen", section: element.dataset.lazy }, { data: Date.now() });
    window.flowtrail.expectCharts();
    window.setTimeout(function () {
      var missed = element.isConnected && element.querySelector(".loading");
      if (missed && !element.querySelector('[data-dash-is-loading="true"]')) ask(element);
    }, 2000);
  }

  var near = new IntersectionObserver(
    function (entries) {
      entries.forEach(function (entry) {
        if (entry.isIntersecting) {
          near.unobserve(entry.target);
          window.setTimeout(ask, Number(entry.target.dataset.after) || 0, entry.target);
        }
      });
    },
    { rootMargin: "300px" }
  );

  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      change.addedNodes.forEach(function (node) {
        if (node.querySelectorAll) {
          if (node.matches("[data-lazy]")) near.observe(node);
          node.querySelectorAll("[data-lazy]").forEach(function (found) {
            near.observe(found);
          });
        }
      });
    });
  }).observe(document, { childList: true, subtree: true });
})();
