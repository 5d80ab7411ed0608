import { html, type Html } from './html.js';

/** A table that scrolls by itself where it is wider than the page. */
export function scrollingTable(head: readonly string[], rows: readonly Html[], caption?: string): Html {
  const title = html`<caption>
    ${caption ?? ''}
  </caption>`;
  return html`<div class="scroll">
    <table>
      ${caption === undefined ? '' : title}
      <thead>
        <tr>
          ${head.map((text) => html`<th scope="col">${text}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
