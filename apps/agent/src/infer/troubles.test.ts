import { Troubles } from './troubles.js';

test('what fails again and again is told once, and again when it had been over', () => {
  let said = '';
  const troubles = new Troubles({ err: (text) => void (said += text) });
  for (const text of ['a', 'a', 'b', 'b']) troubles.tell('switch', text);
  troubles.tell('refresh', 'c');
  troubles.over('switch');
  for (const what of ['switch', 'refresh']) troubles.tell(what, what === 'switch' ? 'b' : 'c');
  expect(said).toBe('abcb');
});
