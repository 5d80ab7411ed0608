/** The page's dress; light and dark follow the reader's system. */
export const STYLES = `
:root { color-scheme: light dark; --bg: #f6f7f9; --surface: #ffffff; --text: #1b2330; --muted: #5b6575; --line: #dde1e8;
  --dense: #c2571a; --calibrated: #1f63d6; --target: #0f766e; --warn-bg: #fff4d6; --warn-line: #e3b341; --warn-text: #5c4300;
  --good: #14713d; --bad: #b42318; --chosen: #e3edff; }
@media (prefers-color-scheme: dark) { :root { --bg: #10141b; --surface: #181e28; --text: #e8ebf1; --muted: #a3adbd;
  --line: #2d3645; --dense: #f08a4b; --calibrated: #6ea3ff; --target: #4fc7b8; --warn-bg: #3a2f10; --warn-line: #8a6d1c;
  --warn-text: #ffe3a1; --good: #6fd59a; --bad: #ff9b8f; --chosen: #22365c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto,
  "Liberation Sans", sans-serif; }
main, header.top, footer { max-width: 860px; margin: 0 auto; padding: 0 20px; }
header.top { padding-top: 36px; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 1.2rem; margin: 0 0 4px; }
p { margin: 0 0 12px; }
.lead, .note { color: var(--muted); }
.note { font-size: 0.9rem; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 20px; margin: 16px 0; }
.banner { background: var(--warn-bg); border: 1px solid var(--warn-line); color: var(--warn-text); border-radius: 12px;
  padding: 12px 16px; margin: 18px 0 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(185px, 1fr)); gap: 12px; margin: 18px 0 0; padding: 0; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px; }
.card dt { font-size: 0.85rem; color: var(--muted); }
.card dd { margin: 2px 0 0; font-size: 1.3rem; font-weight: 650; white-space: nowrap; font-variant-numeric: tabular-nums; line-height: 1.25; }
.card .detail { display: block; white-space: normal; font-size: 0.85rem; font-weight: 400; color: var(--muted); }
.dense { color: var(--dense); } .calibrated { color: var(--calibrated); }
.good { color: var(--good); } .bad { color: var(--bad); }
.chart svg { display: block; width: 100%; height: auto; }
.chart.narrow { display: none; }
.scroll { overflow-x: auto; margin: 8px 0 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--muted); font-size: 0.9rem; padding: 0 0 6px; }
th, td { text-align: right; padding: 6px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--muted); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 600; }
td small { color: var(--muted); }
td.chosen { background: var(--chosen); font-weight: 650; border-radius: 6px; }
dl.facts { display: grid; grid-template-columns: minmax(120px, 190px) 1fr; gap: 6px 16px; margin: 8px 0 0; font-size: 0.92rem; }
dl.facts dt { color: var(--muted); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 0.86em; overflow-wrap: anywhere; }
details { margin: 12px 0 0; } summary { cursor: pointer; color: var(--muted); font-size: 0.92rem; }
footer { color: var(--muted); font-size: 0.88rem; padding-bottom: 40px; }
@media (max-width: 620px) { main, header.top, footer { padding-left: 12px; padding-right: 12px; } section { padding: 16px 14px; }
  .chart.wide { display: none; } .chart.narrow { display: block; } h1 { font-size: 1.45rem; }
  dl.facts { grid-template-columns: 1fr; gap: 0; } dl.facts dd { margin: 0 0 8px; } }
@media print { body { background: #fff; } section { break-inside: avoid; } }
`;
