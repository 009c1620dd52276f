// Draws charts when they scroll into view, each in its own task, so that a page with many charts stays responsive.
// Plotly is fetched when a page with charts starts, but runs only after the text is on the screen: the first run takes a
// second; later the browser reuses the compiled script.
(function () {
  "use strict";
  var reading = null;
  var turn = Promise.resolve();
  var waiting = new Map();
  var zooms = new Map();

  function address() {
    return document.querySelector('meta[name="plotly"]').content;
  }

  function plotly() {
    reading =
      reading ||
      new Promise(function (resolve, reject) {
        var script = document.createElement("script");
        script.src = address();
        script.onload = function () {
          resolve(window.Plotly);
        };
        script.onerror = function () {
          reading = null;
          reject(new Error("The script that draws charts could not be loaded."));
        };
        document.head.appendChild(script);
      });
    return reading;
  }

  function drawn(place) {
    return place.classList.contains("js-plotly-plot");
  }

  function pause() {
    return new Promise(function (resolve) {
      window.setTimeout(resolve, 0);
    });
  }

  function draw(place, figure, config) {
    turn = turn
      .then(plotly)
      .then(function (library) {
        if (!place.isConnected) return null;
        var first = !drawn(place);
        // Plotly changes the object that it gets, which belongs to the page.
        var own = structuredClone(figure);
        return library.react(place, own.data, own.layout, config).then(function () {
          if (!first) return null;
          place.on("plotly_click", clicked);
          place.on("plotly_relayout", zoomed.bind(null, place));
          sizes.observe(place);
          // Zoomed after drawing, so that a double click returns to the whole axis.
          return zooms.has(named(place)) ? library.relayout(place, zooms.get(named(place))) : null;
        });
      })
      .catch(function (error) {
        window.console.error(error);
      })
      .then(pause);
  }

  function named(place) {
    return window.location.pathname + window.location.search + "#" + place.parentNode.id;
  }

  // Keeps the zoom when the page is drawn again.
  function zoomed(place, change) {
    if (!place.parentNode.id) return;
    if ("xaxis.range[0]" in change) {
      zooms.set(named(place), change);
    } else if (change["xaxis.autorange"] || change["xaxis.range"]) {
      zooms.delete(named(place));
    }
  }

  function clicked(click) {
    var target = click.points[0].customdata;
    if (typeof target === "string" && target.startsWith("/")) window.flowtrail.go(target);
    else window.flowtrail.open("event-" + target);
  }

  var near = new IntersectionObserver(
    function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting || !waiting.has(entry.target)) return;
        near.unobserve(entry.target);
        waiting.get(entry.target)();
        waiting.delete(entry.target);
      });
    },
    { rootMargin: "200px" }
  );

  // Resizes a chart with its element. The observer also calls once at the start, with the size it was drawn at.
  var sizes = new ResizeObserver(function (entries) {
    entries.forEach(function (entry) {
      var place = entry.target;
      if (place.clientWidth && place._fullLayout && place.clientWidth !== place._fullLayout.width) {
        window.Plotly.Plots.resize(place).catch(function () {});
      }
    });
  });

  function leave(place) {
    near.unobserve(place);
    sizes.unobserve(place);
    waiting.delete(place);
    if (drawn(place)) window.Plotly.purge(place);
  }

  window.flowtrail = window.flowtrail || {};
  window.flowtrail.Chart = function (props) {
    var place = React.useRef(null);
    React.useEffect(
      function () {
        waiting.set(place.current, draw.bind(null, place.current, props.figure, props.config));
        near.observe(place.current);
      },
      [props.figure]
    );
    React.useEffect(function () {
      var element = place.current;
      return function () {
        leave(element);
      };
    }, []);
    var inner = React.createElement("div", { ref: place, style: { height: "100%", width: "100%" } });
    return React.createElement("div", { id: props.id, className: "chart", style: props.style }, inner);
  };

  // Called when a section with charts is requested. Plotly starts while the server works, after the request was sent.
  window.flowtrail.expectCharts = function () {
    window.setTimeout(plotly, 100);
  };

  if (/^\/(business|trail)/.test(window.location.pathname)) {
    var link = document.createElement("link");
    link.rel = "preload";
    link.as = "script";
    link.href = address();
    document.head.appendChild(link);
  }
})();
