import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Folder of the types that the exported ones are made of, laid out as the sources are. */
export const TYPES = 'types';

/**
 * Writes the types of what a source file exports, as TypeScript derives them: `NAME.d.mts`, and beside it what that needs.
 * @throws Error naming the file whose types need a package or another library's
 */
export function declarations(root, out, name, entry) {
  const file = path.join(root, entry);
  const program = programOf(root, file);
  const exported = exportsOf(program, file);
  const lines = exported.map(({ name, isType, source }) => {
    const from = path.relative(root, source.fileName).replace(/\.ts$/, '.js');
    return `export ${isType ? 'type ' : ''}{ ${name} } from './${TYPES}/${from}';\n`;
  });
  fs.writeFileSync(path.join(out, `${name}.d.mts`), lines.join(''));
  const sources = new Set(exported.map(({ source }) => source));
  // What is added meanwhile has its turn too.
  for (const source of sources) {
    for (const needed of writeTypes(program, source, root, out)) sources.add(needed);
  }
}

function programOf(root, file) {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const emit = { noEmit: false, declaration: true, emitDeclarationOnly: true, types: ['node'] };
  return ts.createProgram([file], { ...options, ...emit });
}

/** What a file exports, and where that is declared. */
function exportsOf(program, file) {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file));
  return checker.getExportsOfModule(module).map((symbol) => {
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const { flags, declarations } = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
    const isType = (flags & ts.SymbolFlags.Value) === 0;
    return { name: symbol.name, isType, source: declarations[0].getSourceFile() };
  });
}

/** @returns the sources whose types these need */
function writeTypes(program, source, root, out) {
  const to = path.join(out, TYPES, path.relative(root, source.fileName).replace(/\.ts$/, '.d.ts'));
  let text = '';
  program.emit(source, (_, written) => (text = written), undefined, true);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.writeFileSync(to, text);
  return ts.preProcessFile(text).importedFiles.map(({ fileName }) => {
    const needed = path.resolve(path.dirname(source.fileName), fileName.replace(/\.js$/, '.ts'));
    const found = fileName.startsWith('.') ? program.getSourceFile(needed) : undefined;
    if (!found)
      throw new Error(`${source.fileName}: its types need "${fileName}", expected files of its own alone`);
    return found;
  });
}
