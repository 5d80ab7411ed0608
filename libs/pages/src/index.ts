export * from './figures.js';
export * from './html.js';
export * from './styles.js';
