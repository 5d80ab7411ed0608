export * from './figure-cards.js';
export * from './figures.js';
export * from './html.js';
export * from './scrolling-table.js';
export * from './styles.js';
