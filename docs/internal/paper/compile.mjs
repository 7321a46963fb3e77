// node compile.mjs FOLDER PDF: sets FOLDER/paper.typ. Its fonts are those that Typst
// brings along, so that every machine sets the same paper.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';

const [folder, out] = process.argv.slice(2);
const compiler = NodeCompiler.create({ workspace: resolve(folder) });
const main = { mainFilePath: resolve(folder, 'paper.typ') };
const result = compiler.compile(main);
if (!result.result) {
  const told = result.takeDiagnostics() ?? result.takeError?.();
  console.error(JSON.stringify(compiler.fetchDiagnostics(told), null, 1));
  process.exit(1);
}
writeFileSync(out, compiler.pdf(result.result, { creationTimestamp: 0 }));
