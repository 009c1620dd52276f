// Draws the parts of a page that no callback uses (dashboards/components/static_markup.py) as plain elements. Texts are
// escaped by React; addresses are cleaned with the function that Dash's own components use.
(function () {
  "use strict";
  window.flowtrail = window.flowtrail || {};

  // Opens another page without reloading the scripts.
  window.flowtrail.go = function (address) {
    window.history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  };

  function follow(event) {
    var link = event.currentTarget;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target) return;
    event.preventDefault();
    window.flowtrail.go(link.getAttribute("href"));
  }

  // The rows that a reader opened, by address and id. They stay open when the page is drawn again.
  var opened = new Set();

  function place(id) {
    return window.location.pathname + "#" + id;
  }

  function toggled(event) {
    var row = event.currentTarget;
    if (row.open) opened.add(place(row.id));
    else opened.delete(place(row.id));
  }

  function element(tree) {
    if (!Array.isArray(tree)) return tree;
    var attributes = Object.assign("id" in tree[1] ? { key: tree[1].id } : {}, tree[1]);
    if (tree[0] === "details" && attributes.id) {
      attributes.open = opened.has(place(attributes.id));
      attributes.onToggle = toggled;
    }
    if (attributes.href) attributes.href = window.dash_clientside.clean_url(attributes.href);
    if (tree[0] === "Chart") return React.createElement(window.flowtrail.Chart, attributes);
    if (tree[0] === "Link") attributes.onClick = follow;
    var tag = tree[0] === "Link" ? "a" : tree[0];
    return React.createElement.apply(null, [tag, attributes].concat(tree.slice(2).map(element)));
  }

  window.flowtrail.StaticMarkup = React.memo(
    function (props) {
      return React.createElement.apply(null, [React.Fragment, null].concat(props.tree.map(element)));
    },
    function (before, after) {
      return before.tree === after.tree;
    }
  );
})();
