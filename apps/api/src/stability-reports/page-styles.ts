/** What the stability page has beside the dress of all pages. */
export const CHART_STYLES = `
.bars { margin: 14px 0 4px; }
.bars .row { display: grid; grid-template-columns: minmax(88px, 150px) 1fr; gap: 4px 12px; align-items: center; margin: 0 0 10px; }
.bars .name { text-align: right; font-size: 0.88rem; font-weight: 600; overflow-wrap: anywhere; }
.bars .track { position: relative; padding: 3px 0; border-left: 1px solid var(--line); }
.bars .bar { position: relative; height: 13px; margin: 2px 0; border-radius: 0 3px 3px 0; }
.bars .bar.of-dense { background: var(--dense); } .bars .bar.of-calibrated { background: var(--calibrated); }
.bars .whisker { position: absolute; top: 50%; height: 0; border-top: 2px solid var(--text); }
.bars .whisker::before, .bars .whisker::after { content: ""; position: absolute; top: -5px; height: 8px; border-left: 2px solid var(--text); }
.bars .whisker::before { left: 0; } .bars .whisker::after { right: 0; }
.bars .target { position: absolute; top: -5px; bottom: -5px; border-left: 2px dashed var(--target); z-index: 1; }
.bars .band { position: absolute; top: -5px; bottom: -5px; background: var(--target); opacity: 0.14; }
.bars .axis { display: flex; justify-content: space-between; color: var(--muted); font-size: 0.82rem; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 0.88rem; margin: 8px 0 0; padding: 0; list-style: none; }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 6px; vertical-align: -1px; }
.legend i.of-dense { background: var(--dense); } .legend i.of-calibrated { background: var(--calibrated); }
.legend i.of-target { width: 0; border-radius: 0; border-left: 2px dashed var(--target); }
`;
