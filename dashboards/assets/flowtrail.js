// Runs before the pages start: the cookie with the reader's time zone makes times local from the first answer on.
(function () {
  "use strict";
  try {
    var zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    document.cookie = "flowtrail_zone=" + encodeURIComponent(zone) + "; path=/; max-age=31536000; SameSite=Lax";
  } catch (error) {
    // Without the cookie the pages use UTC.
  }

  // Opens a row of the list of events and scrolls to it.
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

  // A link to an event on the same page also opens its row.
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest('a[href^="#event-"]');
    if (link && open(link.getAttribute("href").slice(1))) {
      event.preventDefault();
    }
  });

  // Requests a section when it scrolls into view. A section that failed has data-after: milliseconds until the retry.
  // Dash may not have registered the section yet and ignore the request, so it is repeated until an answer is under way.
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
          node.querySelectorAll("[data-lazy]").forEach(function (section) {
            near.observe(section);
          });
        }
      });
    });
  }).observe(document, { childList: true, subtree: true });
})();
