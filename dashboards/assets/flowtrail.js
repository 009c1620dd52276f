// Runs before the pages start. Tells the server the reader's time zone, so that times are local from the first answer on.
(function () {
  "use strict";
  try {
    var zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    document.cookie = "flowtrail_zone=" + encodeURIComponent(zone) + "; path=/; max-age=31536000; SameSite=Lax";
  } catch (error) {
    // Without a zone the pages say UTC.
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.flowtrail = {
    // A click on a mark of the timeline opens the event's row and brings it into view.
    reveal: function (click) {
      var point = click && click.points && click.points[0];
      var row = point && document.getElementById("event-" + point.customdata);
      if (row) {
        row.open = true;
        row.scrollIntoView({ block: "center", behavior: "smooth" });
        row.querySelector("summary").focus({ preventScroll: true });
      }
      return window.dash_clientside.no_update;
    },
  };
})();
