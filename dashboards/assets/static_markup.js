// Draws parts of a page that no callback touches (dashboards/components/static_markup.py) as plain elements. Words are only ever
// text: React escapes them, and addresses are cleaned as Dash's own components clean theirs.
(function () {
  "use strict";
  window.flowtrail = window.flowtrail || {};

  // Another page, without reading everything anew.
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

  // Rows that a reader opened, by address and id: a page that is drawn again shows them as they were.
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
